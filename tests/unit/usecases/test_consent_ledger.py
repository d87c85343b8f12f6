"""The ledger of consent: what it takes, what it refuses, and that nobody rewrites it."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from rapport.errors import BadInput, Refused
from rapport.store import candidates, consents
from rapport.store.database import Store
from rapport.usecases.consenting import Grant, grant, withdraw
from rapport.usecases.import_people import import_people
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents
from tests.unit.store.worlds import DAY, MONDAY, PEPPER, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
YES = Grant(purpose="nurture", text="Write to me.", source="career fair", proof={"form": "f7"})
REWRITES = (
    "DELETE FROM consents",
    "UPDATE consents SET state = 'granted' WHERE state = 'withdrawn'",
    "UPDATE consents SET expires_at = NULL, text = 'I agree to everything.'",
    "UPDATE consents SET source = 'a better one'",
    "UPDATE consents SET basis = 'legitimate_interest'",
    """UPDATE consents SET proof = '{"form": "a better one"}'""",
)
# What each database has besides, and what passes by a trigger on rows.
CLEVER = {
    "sqlite": "INSERT OR REPLACE INTO consents SELECT id, candidate, purpose, 'granted', basis, text, source, at,"
    " recorded_at, expires_at, language, text_hash, proof FROM consents",
    "postgresql": "TRUNCATE consents",
}


async def test_a_consent_is_kept_with_its_words_and_its_proof(store: Store) -> None:
    """What was said, where, in which version, by whom it was told, and until when it holds."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx, consent=())
        given = Grant(
            purpose="nurture", text="Write to me.", source="career fair", basis="implied", until=MONDAY + 9 * DAY
        )

        await grant(tx, CLOCK, "c_ana", given, by="ben-ito", key="k")
        again = await grant(tx, CLOCK, "c_ana", given, by="ben-ito", key="k")

        [entry] = await consents.ledger(tx, "c_ana")
        valid = await valid_consents(tx, person, await live_project(tx), MONDAY + DAY)
        over = await valid_consents(tx, person, await live_project(tx), MONDAY + 9 * DAY)
    assert not again.new
    assert ("granted", "implied", "career fair", "Write to me.") == (
        entry.state,
        entry.basis,
        entry.source,
        entry.text,
    )
    assert (consents.version_of("Write to me."), {"by": "ben-ito"}) == (entry.text_hash, entry.proof)
    assert ({"nurture": MONDAY + 9 * DAY}, {}) == (valid, over)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (Grant(purpose="nonsense", text="x", source="x"), "purpose"),
        (Grant(purpose="nurture", text="x", source="x", basis="legitimate_interest"), "basis"),
        (Grant(purpose="nurture", text="x", source="x", basis="implied"), "until"),
        (Grant(purpose="nurture", text="x", source="x", until=MONDAY - DAY), "until"),
        (Grant(purpose="nurture", text=" ", source="x"), "text"),
        (Grant(purpose="nurture", text="x", source=""), "source"),
    ],
)
async def test_a_consent_that_proves_nothing_is_refused(store: Store, given: Grant, place: str) -> None:
    """Without words, without a source, or with a basis that the project does not know, it is none."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, consent=())

        with pytest.raises(BadInput) as refusal:
            await grant(tx, CLOCK, "c_ana", given, by="x", key="k")

        assert (place, []) == (refusal.value.place, await consents.ledger(tx, "c_ana"))


async def test_nobody_agrees_for_who_unsubscribed(store: Store) -> None:
    """What a person closed, no colleague opens."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx)
        await take_in(
            tx,
            CLOCK,
            Incoming(dedupe_key="u", kind="unsubscribed", candidate="c_ana", at=MONDAY, detail={"purpose": "nurture"}),
        )

        with pytest.raises(Refused, match="closed"):
            await grant(tx, CLOCK, "c_ana", YES, by="x", key="k")


async def test_a_withdrawal_holds_at_once(store: Store) -> None:
    """Told by phone, written down by a colleague: the consent is over, and the entry of before stays."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx)

        await withdraw(tx, CLOCK, "c_ana", "nurture", source="by phone", by="ben-ito", key="k")

        valid = await valid_consents(tx, person, await live_project(tx), MONDAY + timedelta(minutes=1))
        states = [entry.state for entry in await consents.ledger(tx, "c_ana") if entry.purpose == "nurture"]
    assert "nurture" not in valid
    assert ["granted", "withdrawn"] == states


@pytest.mark.parametrize("statement", REWRITES)
async def test_nobody_rewrites_the_ledger(store: Store, statement: str) -> None:
    """Not even a hand at the database: the database itself refuses."""
    async with store.write() as tx:
        await a_person(tx)
        await consents.record(
            tx,
            candidate="c_ana",
            purpose="events",
            state="withdrawn",
            source="x",
            at=MONDAY,
            recorded_at=MONDAY,
            proof={"form": "f7"},
        )

    with pytest.raises(DBAPIError, match="append-only"):
        async with store.write() as tx:
            await tx.execute(text(statement))


async def test_nobody_gets_around_the_ledger(store: Store) -> None:
    """Nor by a statement that replaces rows or empties the table."""
    async with store.write() as tx:
        await a_person(tx)

    with pytest.raises(DBAPIError, match="append-only"):
        async with store.write() as tx:
            await tx.execute(text(CLEVER[store.engine.dialect.name]))


async def test_who_takes_everything_back_is_in_no_list_any_more(store: Store) -> None:
    """A yes of before that is imported later does not count, and what needs no consent stops as well."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        person = await a_person(tx, consent=())
        await withdraw(tx, CLOCK, "c_ana", "all", source="by phone", by="ben-ito", key="k")
    rows = "email,source,consent,consent_basis,consent_text\nc_ana@people.example,fair,nurture,consent,Yes\n"

    await import_people(store, CLOCK, io.BytesIO(rows.encode()), pepper=PEPPER)

    async with store.read() as tx:
        entries = await consents.ledger(tx, "c_ana")
        closed = await consents.suppressed(tx, person.email_key)
        valid = await valid_consents(tx, person, await live_project(tx), MONDAY + DAY)
    assert {"events", "nurture", "service", "tracking"} == {entry.purpose for entry in entries}
    assert {("withdrawn", "by phone")} == {(entry.state, entry.source) for entry in entries}
    assert (["service"], []) == ([*closed], [*valid])


async def test_erasure_may_empty_what_is_personal_in_it(store: Store) -> None:
    """Words, source and proof go; that, when and until when she had agreed stays."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, consent=())
        await grant(tx, CLOCK, "c_ana", YES, by="x", key="k")

        await take_in(tx, CLOCK, Incoming(dedupe_key="e", kind="erased", candidate="c_ana", at=MONDAY))

        granted, withdrawn = await consents.ledger(tx, "c_ana")
        await tx.refresh(granted)
        assert (await candidates.get(tx, "c_ana")).erased_at is not None
    assert ("", "erased", None, consents.version_of(YES.text)) == (
        granted.text,
        granted.source,
        granted.proof,
        granted.text_hash,
    )
    assert "withdrawn" == withdrawn.state
