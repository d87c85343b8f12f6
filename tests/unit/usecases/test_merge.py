"""Merging two records of one person: nothing is lost, a no stays a no, and order makes no difference."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.schema import ForeignKey

from rapport.errors import NotFound, Refused
from rapport.ids import address_key
from rapport.store import candidates, consents, enrollments, identities, merging
from rapport.store.database import Store, Tx
from rapport.store.schema import METADATA
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.identify import find_people
from tests.unit.store.worlds import DAY, FAIR, MONDAY, PEPPER, WELCOME, a_person, published
from tests.unit.usecases.ana import CLOCK, happens
from tests.unit.usecases.records import CAUSE, LINK, merged

# Four records of one person; the words are what each alone says.
RECORDS: dict[str, dict[str, Any]] = {
    "c_ana": {"first_name": "Ana", "country": None, "skills": ["go"], "recorded_at": MONDAY},
    "c_ben": {"first_name": "Anna", "country": "DE", "city": "Bonn", "recorded_at": MONDAY - DAY},
    "c_cleo": {"first_name": "A.", "city": "Köln", "custom": {"notice": 3}, "recorded_at": MONDAY - 3 * DAY},
    "c_dora": {"last_name": "Silva", "city": "Ulm", "skills": ["go", "sql"], "recorded_at": MONDAY - 2 * DAY},
}
ORDERS = (
    ("ana<ben", "ana<cleo", "ana<dora"),
    ("ana<dora", "ana<cleo", "ana<ben"),
    ("cleo<dora", "ben<cleo", "ana<ben"),
    ("dora<ben", "ana<cleo", "ana<dora"),
    ("cleo<ben", "dora<cleo", "ana<dora"),
)


async def four_records(tx: Tx) -> None:
    """Four records of one person, each with tags, scores, names and something to remember."""
    for number, (name, said) in enumerate(RECORDS.items(), start=1):
        cause = Cause(text=name, at=MONDAY + number * DAY)
        row = await a_person(tx, name)
        await identities.name(tx, name, "greenhouse", str(number), pepper=PEPPER, recorded_at=MONDAY)
        await change_tag(tx, CLOCK, name, how="add", tag="met", cause=cause)
        await change_tag(tx, CLOCK, name, how="add", tag=name, cause=cause)
        await change_score(tx, CLOCK, name, how="add", points=number, cause=Cause(text="import", at=MONDAY))
        await enroll(tx, CLOCK, sequence="welcome", candidate=name, at=MONDAY + number * DAY, cause="test")
        for field, value in {"first_name": None, "country": None, **said}.items():
            setattr(row, field, value)
        await tx.flush()
    for kind, purpose, name in (("consent_withdrawn", "nurture", "c_cleo"), ("unsubscribed", "events", "c_dora")):
        await happens(tx, kind, candidate=name, detail={"purpose": purpose})


async def seen(tx: Tx, name: str) -> dict[str, Any]:
    """All that a person is, but for the order in which numbers were given."""
    row = await candidates.get(tx, name)
    ledger = {entry.purpose: entry.state for entry in await consents.ledger(tx, row.id)}
    keys = [row.email_key, *(address_key(email, PEPPER) for email in await identities.addresses_of(tx, row.id))]
    walks = await enrollments.of_person(tx, row.id, "welcome")
    count = select(func.count()).select_from(HappeningRow)
    return {
        "profile": {name: getattr(row, name) for name in (*RECORDS["c_ana"], "last_name", "city", "custom", "score")},
        "email": row.email,
        "addresses": await identities.addresses_of(tx, row.id),
        "closed": [sorted(await consents.suppressed(tx, key)) for key in keys],
        "tags": await candidates.tags_of(tx, row.id),
        "pools": await candidates.pools_of(tx, row.id, MONDAY),
        "names": await identities.names_of(tx, row.id),
        "consent": ledger,
        "walks": sorted((walk.id, walk.state, walk.end_name) for walk in walks),
        "points": await tx.scalar(
            select(func.sum(ScoreEntryRow.after - ScoreEntryRow.before)).where(ScoreEntryRow.candidate == row.id)
        ),
        "happenings": await tx.scalar(count.where(HappeningRow.candidate == row.id)),
    }


async def once(store: Store, steps: Sequence[str]) -> dict[str, Any]:
    """The person after merges in this order, in a world that is thrown away."""
    async with store.read() as tx:
        await four_records(tx)
        await merged(tx, *steps)
        return await seen(tx, "c_ana")


async def test_merging_in_any_order_gives_the_same_person(store: Store) -> None:
    """Four records become one; whoever is merged first, profile, addresses, walks and the no are the same."""
    await published(store, welcome=WELCOME)

    first, *others = [await once(store, steps) for steps in ORDERS]

    assert [first] * len(others) == others
    profile = first["profile"]
    assert ("Ana", "Silva", "DE", "Köln") == tuple(
        profile[name] for name in ("first_name", "last_name", "country", "city")
    )
    assert ({"go", "sql"}, {"notice": 3}, 10) == (set(profile["skills"]), profile["custom"], profile["score"])
    assert 10 == first["points"]
    assert ("c_ana@people.example", 3) == (first["email"], len(first["addresses"]))
    assert {"nurture": "withdrawn", "events": "withdrawn"} == first["consent"]
    assert [["events"]] * 4 == first["closed"]
    assert ["c_ana", "c_ben", "c_cleo", "c_dora", "met"] == first["tags"]


async def test_merging_again_changes_nothing(store: Store) -> None:
    """The same merge told twice, from either side, is one."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await four_records(tx)
        await merged(tx, "ana<ben")
        before = await seen(tx, "c_ana")

        await merged(tx, "ana<ben", "ben<ana", "ana<ana")

        assert before == await seen(tx, "c_ana")


async def test_the_old_id_leads_to_her_at_every_door(store: Store) -> None:
    """Whoever still has the old id, the old address or a link in an old mail reaches the person of today."""
    await published(store, welcome=WELCOME, fair=FAIR)
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await merged(tx, "ana<old")

        await happens(tx, "custom", candidate="c_old", detail={"name": "call"})
        await change_tag(tx, CLOCK, "c_old", how="add", tag="vip", cause=CAUSE)
        await change_pool(tx, CLOCK, "c_old", how="add", pool="engineering", cause=CAUSE)
        await change_score(tx, CLOCK, "c_old", how="add", points=5, cause=CAUSE)

        row = await candidates.by_key(tx, address_key("c_old@people.example", PEPPER))
        heard = (await tx.scalars(select(HappeningRow.candidate).where(HappeningRow.kind == "custom"))).all()
        assert row is not None
        assert ("c_ana", "c_ana") == (row.id, (await candidates.get(tx, "c_old")).id)
        assert (["c_ana"], ["vip"], 5) == (heard, await candidates.tags_of(tx, "c_ana"), row.score)
        assert ["welcome/c_ana/1"] == [walk.id for walk in await enrollments.walking(tx, "c_ana")]
        assert ["c_ana"] == await find_people(tx, emails=["C_OLD@people.example"], pepper=PEPPER)


async def test_what_was_changed_after_a_merge_is_her_own(store: Store) -> None:
    """A city that a recruiter has corrected since is not taken for that of the old record."""
    async with store.write() as tx:
        row = await a_person(tx, city=None)
        await a_person(tx, "c_young", city="Bonn")
        await a_person(tx, "c_old", city="Köln", last_contacted_on=date(2026, 2, 1))
        old = await candidates.get(tx, "c_old")
        old.recorded_at = MONDAY - DAY
        await merged(tx, "ana<young")
        row.city = "Ulm"

        await merged(tx, "ana<old")

        assert ("Ulm", date(2026, 2, 1)) == (row.city, row.last_contacted_on)


async def test_her_applications_come_along_and_an_ats_number_finds_her(store: Store) -> None:
    """What is known of the old record is known of her."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await identities.name(tx, "c_old", *LINK, pepper=PEPPER, recorded_at=MONDAY)
        await happens(tx, "applied", candidate="c_old", detail={"application": "greenhouse/1"})

        await merged(tx, "ana<old")

        assert ["c_ana"] == await find_people(tx, names=[LINK], pepper=PEPPER)
        assert "c_ana" == await tx.scalar(select(ApplicationRow.candidate))
        gone = await tx.get(CandidateRow, "c_old")
        assert gone is not None
        assert (None, None, None) == (gone.email, gone.first_name, gone.country)


async def test_nobody_is_merged_with_somebody_who_was_erased(store: Store) -> None:
    """There is nothing left of them to be merged, and nobody is erased by a merge."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "erased", candidate="c_old")

        with pytest.raises(Refused, match="erased"):
            await merged(tx, "ana<old")
        with pytest.raises(NotFound, match="c_nobody"):
            await merged(tx, "ana<nobody")
        assert None is await tx.get(MergeRow, "c_old")


def test_every_table_that_refers_to_a_person_is_merged() -> None:
    """A table that somebody adds tomorrow cannot be left behind with the old id."""
    handled = {*merging.MOVED, *merging.UNITED, *merging.DROPPED, *merging.OTHERWISE}
    named = {str(row.__tablename__) for row in handled}
    referring = {
        name
        for name, table in METADATA.tables.items()
        if any(_is_of_a_person(key) for key in table.foreign_keys) or "candidate" in table.columns
    }

    assert set() == referring - named, "Say in rapport/store/merging.py what merging two people does with it."


def _is_of_a_person(key: ForeignKey) -> bool:
    return key.column.table.name == "candidates"
