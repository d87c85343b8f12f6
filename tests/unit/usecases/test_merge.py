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
from rapport.store.once import insert
from rapport.store.schema import METADATA
from rapport.store.tables.identities import AddressRow, MergeRow
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.enroll import enroll
from rapport.usecases.identify import find_people
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.merge import merge_people
from tests.unit.store.worlds import DAY, FAIR, MONDAY, PEPPER, WELCOME, StandingClock, a_person, published

CLOCK = StandingClock()
CAUSE = Cause(text="a test", at=MONDAY + DAY)
LINK = ("profile", "linkedin.com/in/ana")
HELLO = "purpose: events\nsteps: [{id: hello, send: welcome}]"
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


async def happens(tx: Tx, kind: str, *, candidate: str, key: str = "", at: Any = MONDAY, **more: Any) -> None:
    """Something happens to somebody."""
    await take_in(
        tx, CLOCK, Incoming(dedupe_key=key or f"{kind}:{candidate}", kind=kind, candidate=candidate, at=at, **more)
    )


async def merged(tx: Tx, *steps: str) -> None:
    """Merge in this order; `ana<ben` makes Ben a part of Ana."""
    for step in steps:
        kept, gone = (f"c_{name}" for name in step.split("<"))
        await merge_people(tx, CLOCK, kept=kept, gone=gone, cause=CAUSE)


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
        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

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


async def test_two_walks_of_one_sequence_become_one(store: Store) -> None:
    """Of two walks through the same sequence the one that began later ends at once, and its workflow hears of it."""
    await published(store, welcome=WELCOME, fair=FAIR)
    async with store.write() as tx:
        for name, at in (("c_ana", MONDAY + DAY), ("c_old", MONDAY)):
            await a_person(tx, name)
            await enroll(tx, CLOCK, sequence="welcome", candidate=name, at=at, cause="test")

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        walks = {walk.id: (walk.candidate, walk.state) for walk in await enrollments.of_person(tx, "c_ana", "welcome")}
        told = await tx.execute(select(DeliveryRow.enrollment).where(DeliveryRow.kind == "cancel"))
        assert {"welcome/c_old/1": ("c_ana", "starting"), "welcome/c_ana/1": ("c_ana", "ended")} == walks
        assert [("welcome/c_ana/1",)] == [tuple(row) for row in told]
        with pytest.raises(Refused, match="being walked"):
            await enroll(tx, CLOCK, sequence="welcome", candidate="c_old", at=MONDAY + 2 * DAY, cause="test")


async def test_a_no_by_one_address_holds_for_all_and_a_bounce_for_its_own(store: Store) -> None:
    """She unsubscribed as c_old; a mailbox of hers that does not exist closes nothing else."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "unsubscribed", candidate="c_old", detail={"purpose": "nurture"})
        await happens(tx, "bounced", candidate="c_old")

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        closed = [
            await consents.suppressed(tx, address_key(f"{name}@people.example", PEPPER)) for name in ("c_ana", "c_old")
        ]
        assert [{"nurture"}, {"all", "nurture"}] == closed


async def test_who_unsubscribes_later_does_so_for_all_addresses(store: Store) -> None:
    """And who comes back comes back with all of them."""
    async with store.write() as tx:
        await a_person(tx)
        further = address_key("more@people.example", PEPPER)
        await insert(tx, AddressRow(key=further, candidate="c_ana", email="more@people.example", recorded_at=MONDAY))

        await happens(tx, "unsubscribed", candidate="c_ana", detail={"purpose": "nurture"})
        closed = await consents.suppressed(tx, further)
        await happens(tx, "consent_given", candidate="c_ana", detail={"purpose": "nurture"})

        assert (frozenset({"nurture"}), frozenset()) == (closed, await consents.suppressed(tx, further))


async def test_a_newer_yes_of_the_other_record_does_not_undo_a_no(store: Store) -> None:
    """The stricter of the two holds, and the ledger says why."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "consent_withdrawn", candidate="c_old", detail={"purpose": "nurture"})
        await happens(tx, "consent_given", candidate="c_ana", detail={"purpose": "nurture"}, at=MONDAY + DAY)

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        last = [entry for entry in await consents.ledger(tx, "c_ana") if entry.purpose == "nurture"][-1]
        assert ("withdrawn", "merged") == (last.state, last.source)


async def test_what_was_changed_after_a_merge_is_her_own(store: Store) -> None:
    """A city that a recruiter has corrected since is not taken for that of the old record."""
    async with store.write() as tx:
        row = await a_person(tx, city=None)
        await a_person(tx, "c_young", city="Bonn")
        await a_person(tx, "c_old", city="Köln", last_contacted_on=date(2026, 2, 1))
        old = await candidates.get(tx, "c_old")
        old.recorded_at = MONDAY - DAY
        await merge_people(tx, CLOCK, kept="c_ana", gone="c_young", cause=CAUSE)
        row.city = "Ulm"

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        assert ("Ulm", date(2026, 2, 1)) == (row.city, row.last_contacted_on)


async def test_her_applications_come_along_and_an_ats_number_finds_her(store: Store) -> None:
    """What is known of the old record is known of her."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await identities.name(tx, "c_old", *LINK, pepper=PEPPER, recorded_at=MONDAY)
        await happens(tx, "applied", candidate="c_old", detail={"application": "greenhouse/1"})

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        assert ["c_ana"] == await find_people(tx, names=[LINK], pepper=PEPPER)
        assert "c_ana" == await tx.scalar(select(ApplicationRow.candidate))
        gone = await tx.get(CandidateRow, "c_old")
        assert gone is not None
        assert (None, None, None) == (gone.email, gone.first_name, gone.country)


@pytest.mark.parametrize(
    ("mine", "theirs", "ends"),
    [
        ("awareness", "hired", ["welcome/c_ana/1"]),
        ("alumni", "hired", ["welcome/c_ana/1"]),
        ("hired", None, ["fair/c_old/1"]),
        ("hired", "hired", []),
    ],
)
async def test_who_was_hired_under_the_other_record_is_hired_and_written_to_no_more(
    store: Store, mine: str | None, theirs: str | None, ends: list[str]
) -> None:
    """What was begun without knowing of the hire ends, and what was meant for her goes on."""
    await published(store, welcome=WELCOME, fair=HELLO)
    async with store.write() as tx:
        await a_person(tx, stage=mine)
        await a_person(tx, "c_old", stage=theirs)
        await enroll(tx, CLOCK, sequence="welcome", candidate="c_ana", at=MONDAY, cause="test")
        await enroll(tx, CLOCK, sequence="fair", candidate="c_old", at=MONDAY, cause="test")

        await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)

        told = (await tx.scalars(select(DeliveryRow).where(DeliveryRow.kind == "happening"))).all()
        assert "hired" == (await candidates.get(tx, "c_ana")).stage
        assert [(walk, "hired") for walk in ends] == [(each.enrollment, each.payload["kind"]) for each in told]


async def test_nobody_is_merged_with_somebody_who_was_erased(store: Store) -> None:
    """There is nothing left of them to be merged, and nobody is erased by a merge."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await happens(tx, "erased", candidate="c_old")

        with pytest.raises(Refused, match="erased"):
            await merge_people(tx, CLOCK, kept="c_ana", gone="c_old", cause=CAUSE)
        with pytest.raises(NotFound, match="c_nobody"):
            await merge_people(tx, CLOCK, kept="c_ana", gone="c_nobody", cause=CAUSE)
        assert None is await tx.get(MergeRow, "c_old")


async def test_who_is_found_by_several_traces_may_be_several_people(store: Store) -> None:
    """An address of one and the profile of another: both are named, for a person to decide."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_old")
        await identities.name(tx, "c_old", *LINK, pepper=PEPPER, recorded_at=MONDAY)

        found = await find_people(tx, emails=["c_ana@people.example", "x@y.example"], names=[LINK], pepper=PEPPER)
        nobody = await find_people(tx, pepper=PEPPER)

        assert (["c_ana", "c_old"], []) == (found, nobody)


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
