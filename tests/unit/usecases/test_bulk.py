"""Enrolling many people decides and records what enrolling them one by one would, each person once."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.errors import BadInput, NotFound, Refused
from rapport.ids import address_key
from rapport.ports import BulkStanding
from rapport.store import bulks, consents, deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.bulk import BulkPersonRow
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.people import PoolMemberRow, TagRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.bulk import Asked, Begun, StoreBulkDesk, begin, cancel, look
from rapport.usecases.bulk_list import PeopleList, forecast, of_csv, of_ids, of_pool
from rapport.usecases.cause import Cause
from rapport.usecases.crowd import Wish
from rapport.usecases.enroll import enroll
from rapport.usecases.enroll_many import enroll_many
from rapport.usecases.merge import merge_people
from tests.unit.store.worlds import DAY, FAIR, MONDAY, PEPPER, StandingClock, a_person, published

PICKY = """
purpose: nurture
start:
  when: {added_to_pool: engineering}
  only_if: {candidate.country: DE, candidate.tags: {exclude: vip}, candidate.pools: {include: engineering}}
  again_after: 180 days
steps: [{id: hello, send: welcome}]
"""
OPEN = "{purpose: service, steps: [{id: hello, send: welcome}]}"


async def everybody(tx: Tx) -> Sequence[str]:
    """One person for each way in and each way to be refused."""
    people: dict[str, dict[str, Any]] = {
        "c_fits": {},
        "c_austria": {"country": "AT"},
        "c_nowhere": {"country": None},
        "c_silent": {"consent": ()},
        "c_erased": {"erased_at": MONDAY},
        "c_vip": {},
        "c_lapsed": {},
        "c_bounced": {},
        "c_left": {},
        "c_again": {},
        "c_soon": {},
        "c_walks": {},
    }
    for name, fields in people.items():
        person = await a_person(tx, name, **fields)
        lapses = MONDAY if name == "c_lapsed" else None
        await insert(tx, _member(name, "engineering", lapses))
        if name == "c_bounced" and person.email_key:
            await consents.suppress(tx, person.email_key, scope="all", reason="bounced", at=MONDAY, recorded_at=MONDAY)
        if name == "c_left" and person.email_key:
            await consents.suppress(tx, person.email_key, scope="nurture", reason="x", at=MONDAY, recorded_at=MONDAY)
    for name, days in (("c_again", 181), ("c_soon", 179), ("c_walks", 300)):
        known = await enroll(tx, StandingClock(), sequence="hello", candidate=name, at=MONDAY - days * DAY, cause="t")
        if name != "c_walks":
            await enrollments.end(tx, known.id, name="end", at=MONDAY - DAY, path=[])
    await insert(tx, TagRow(candidate="c_vip", tag="vip", cause="t", at=MONDAY, recorded_at=MONDAY))
    for name in ("c_known", "c_closed"):
        await a_person(tx, name, consent=("nurture",) if name == "c_known" else ())
        await a_person(tx, f"{name}_before", consent=())
        cause = Cause(text="t", at=MONDAY)
        await merge_people(tx, StandingClock(), kept=name, gone=f"{name}_before", cause=cause)
    return [*people, "c_known_before", "c_closed_before", "c_unknown"]


def _member(name: str, pool: str, expires: Any = None) -> PoolMemberRow:
    return PoolMemberRow(candidate=name, pool=pool, cause="t", at=MONDAY, recorded_at=MONDAY, expires_at=expires)


async def one_by_one(tx: Tx, names: Sequence[str], sequence: str, event: str | None) -> dict[str, str]:
    """What `enroll` says of each: the walk's id or the reason."""
    said = {}
    for name in names:
        try:
            enrolled = await enroll(
                tx, StandingClock(), sequence=sequence, candidate=name, at=MONDAY, cause="t", event=event
            )
            said[name] = enrolled.id
        except Refused as refused:
            said[name] = refused.reason
    return said


async def records(tx: Tx) -> list[Any]:
    """All rows that enrolling writes, without the numbers that the database counts up."""
    walks = (await tx.scalars(select(EnrollmentRow).order_by(EnrollmentRow.id))).all()
    starts = (await tx.scalars(select(DeliveryRow).order_by(DeliveryRow.enrollment))).all()
    refusals = (await tx.scalars(select(RefusalRow).order_by(RefusalRow.candidate))).all()
    found = [[getattr(row, column.key) for column in row.__table__.columns] for row in walks]
    found += [[row.enrollment, row.kind, {**row.payload, "bulk": None}, row.at, row.state] for row in starts]
    found += [[row.candidate, row.sequence, row.reason, row.message, row.cause, row.at] for row in refusals]
    return found


@pytest.mark.parametrize(
    ("sequence", "event"), [("hello", None), ("fair", "fair-7"), ("fair", None), ("nothing", None)]
)
async def test_many_at_once_is_the_same_as_one_by_one(store: Store, sequence: str, event: str | None) -> None:
    """The same people enter, the same are refused for the same reason, and the same rows say so."""
    await published(store, hello=OPEN, fair=FAIR)
    async with store.write() as tx:
        names = await everybody(tx)
        await insert(tx, CalendarEventRow(id="fair-7", at=MONDAY, recorded_at=MONDAY, city="Berlin"))
    await published(store, hello=PICKY, fair=FAIR)
    async with store.read() as tx:  # which throws away what is written
        single = await one_by_one(tx, names, sequence, event)
        expected = await records(tx)
    async with store.write() as tx:
        turns = await enroll_many(tx, StandingClock(), Wish(sequence=sequence, event=event), names, cause="t")
        together = {name: turn.enrollment or turn.reason for name, turn in turns.items()}

        assert single == together
        assert expected == await records(tx)
    if sequence == "hello":
        reasons = {"only_if", "no_consent", "erased", "suppressed", "again_after", "already_enrolled"}
        assert {"unknown_candidate", *reasons} < set(single.values())
        assert {"hello/c_fits/1", "hello/c_again/2"} == {said for said in single.values() if "/" in said}


async def test_two_names_of_one_person_are_one_turn(store: Store) -> None:
    """A list from before a merge may have both: she enters once, and the other line says why not again."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        for name in ("c_ana", "c_old"):
            await a_person(tx, name)
        await merge_people(tx, StandingClock(), kept="c_ana", gone="c_old", cause=Cause(text="t", at=MONDAY))

        turns = await enroll_many(tx, StandingClock(), Wish(sequence="hello"), ["c_old", "c_ana"], cause="t")

    came = {name: (turn.enrollment, turn.reason) for name, turn in turns.items()}
    assert {"c_old": ("hello/c_ana/1", None), "c_ana": (None, "already_enrolled")} == came


async def test_conditions_may_ask_for_the_latest_application(store: Store) -> None:
    """The silver medalists of a list are found by what the ATS last told."""
    await published(store, hello=OPEN.replace("steps", "start: {only_if: {application.stage: onsite}}, steps"))
    async with store.write() as tx:
        for name, stages in (("c_ana", ("screen", "onsite")), ("c_ben", ("onsite", "screen"))):
            await a_person(tx, name)
            for days, stage in enumerate(stages):
                at = MONDAY + days * DAY
                row = ApplicationRow(id=f"{name}/{days}", candidate=name, at=at, recorded_at=at, stage=stage)
                await insert(tx, row)
        turns = await enroll_many(tx, StandingClock(), Wish(sequence="hello"), ["c_ana", "c_ben"], cause="t")

    assert (None, "only_if") == (turns["c_ana"].reason, turns["c_ben"].reason)


async def crowd(tx: Tx, number: int) -> list[str]:
    """So many people."""
    names = [f"c_{index:04d}" for index in range(number)]
    for name in names:
        await a_person(tx, name, consent=())
    return names


def asked(people: PeopleList, sequence: str = "hello", **more: Any) -> Asked:
    """What the command line would ask for."""
    return Asked(
        wish=Wish(sequence=sequence, **more), source=people.source, key=people.key, names=people.names, cause="test"
    )


async def begun(store: Store, clock: StandingClock, names: Sequence[str]) -> Begun:
    """A bulk enrollment of these people."""
    async with store.write() as tx:
        return await begin(tx, clock, asked(of_ids(names)))


async def test_pages_enroll_everybody_once_whoever_runs_them(store: Store, clock: StandingClock) -> None:
    """Two workers at once, a retry after the end: each person has one turn, and a page has a hundred of them."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        names = await crowd(tx, 150)
    bulk, desk = await begun(store, clock, [*names, "c_unknown", names[0]]), StoreBulkDesk(store, clock)

    first = await desk.enroll_page(bulk.id, up_to=1000)
    await asyncio.gather(*(desk.enroll_page(bulk.id, up_to=1000) for _ in range(3)))
    last = await desk.enroll_page(bulk.id, up_to=1000)

    assert BulkStanding(cursor=100, total=151, entered=100, refused=0) == first
    assert BulkStanding(cursor=151, total=151, entered=150, refused=1, over=True) == last
    async with store.read() as tx:
        row, reasons = await look(tx, bulk.id)
        assert 150 == await tx.scalar(select(func.count()).select_from(EnrollmentRow))
        assert 150 == await deliveries.depth(tx)
        assert [f"bulk {bulk.id}: test"] == (await tx.scalars(select(RefusalRow.cause))).all()
        assert (("ended", "done"), {"unknown_candidate": 1}) == ((row.state, row.end), reasons)
        someone = await tx.get_one(BulkPersonRow, (bulk.id, 7))
        assert ("c_0006", "hello/c_0006/1", None) == (someone.candidate, someone.enrollment, someone.reason)


async def test_a_turn_goes_no_further_than_asked(store: Store, clock: StandingClock) -> None:
    """The pace is kept to the person."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        names = await crowd(tx, 20)
    bulk, desk = await begun(store, clock, names), StoreBulkDesk(store, clock)

    standings = [await desk.enroll_page(bulk.id, up_to=up_to) for up_to in (7, 7, 12)]

    assert [7, 7, 12] == [standing.cursor for standing in standings]


async def test_a_full_outbox_lets_nobody_else_in(store: Store, clock: StandingClock) -> None:
    """While two hundred walks wait to be started, a campaign stands back: a reply must not wait behind thousands."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        names = await crowd(tx, 250)
    bulk, desk = await begun(store, clock, names), StoreBulkDesk(store, clock)

    standings = [await desk.enroll_page(bulk.id, up_to=1000) for _ in range(3)]
    async with store.write() as tx:
        rows = await deliveries.undispatched(tx)
        await deliveries.all_done(tx, [row.id for row in rows], now=MONDAY)
    after = await desk.enroll_page(bulk.id, up_to=1000)

    assert [(100, False), (200, False), (200, True)] == [(each.cursor, each.crowded) for each in standings]
    assert (250, True) == (after.cursor, after.over)


async def test_the_same_wish_is_granted_once_at_a_time(store: Store, clock: StandingClock) -> None:
    """The command given twice shows the first; given again after the end, it begins anew."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        names = await crowd(tx, 3)
    desk = StoreBulkDesk(store, clock)

    first, second = await asyncio.gather(*(begun(store, clock, names) for _ in range(2)))
    other = await begun(store, clock, names[:2])
    await desk.enroll_page(first.id, up_to=10)
    later = await begun(store, clock, names)
    end = await desk.enroll_page(later.id, up_to=10)

    assert (first.id, {True, False}) == (second.id, {first.new, second.new})
    assert (3, 3) == (len({first.id, other.id, later.id}), end.refused)


async def test_cancelling_lets_nobody_else_in(store: Store, clock: StandingClock) -> None:
    """Those who are in go on, the others stay out, and cancelling twice is refused."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        names = await crowd(tx, 5)
    bulk, desk = await begun(store, clock, names), StoreBulkDesk(store, clock)
    await desk.enroll_page(bulk.id, up_to=2)
    async with store.write() as tx:
        await cancel(tx, bulk.id)

    standing = await desk.enroll_page(bulk.id, up_to=5)

    assert (2, 2, True) == (standing.cursor, standing.entered, standing.over)
    async with store.write() as tx:
        assert "cancelled" == (await bulks.get(tx, bulk.id)).end
        with pytest.raises(Refused, match="is over"):
            await cancel(tx, bulk.id)


@pytest.mark.parametrize(
    ("names", "sequence", "more", "reason"),
    [
        (["c_ana"], "nothing", {}, "not_published"),
        (["c_ana"], "hello", {"event": "fair-9"}, "unknown_event"),
        ([], "hello", {}, "nobody"),
    ],
)
async def test_what_could_let_nobody_in_is_refused_at_once(
    store: Store, clock: StandingClock, names: list[str], sequence: str, more: dict[str, Any], reason: str
) -> None:
    """A typing error in the sequence's name is not ten thousand refusals."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        with pytest.raises(Refused) as caught:
            await begin(tx, clock, asked(of_ids(names), sequence, **more))

    assert reason == caught.value.reason


async def test_a_dry_run_says_what_would_come_and_changes_nothing(store: Store, clock: StandingClock) -> None:
    """The marketer sees the numbers and the reasons before anybody gets a mail."""
    await published(store, hello=PICKY)
    async with store.write() as tx:
        names = await crowd(tx, 120)
        await a_person(tx, "c_fits")
        await insert(tx, _member("c_fits", "engineering"))
        await tx.flush()

    found = await forecast(store, clock, Wish(sequence="hello"), [*names, "c_fits", "c_unknown"])

    assert (1, ["c_fits"], {"no_consent": 120, "unknown_candidate": 1}) == (
        found.would_enter,
        list(found.sample),
        dict(found.refused),
    )
    async with store.read() as tx:
        assert (0, []) == (await deliveries.depth(tx), (await tx.scalars(select(RefusalRow))).all())


async def test_a_pool_is_who_is_in_it_now(store: Store, clock: StandingClock) -> None:
    """Lapsed memberships do not count, and a segment is whoever its condition holds for."""
    await published(store, hello=OPEN)
    async with store.write() as tx:
        for name, skills in (("c_ana", ["python"]), ("c_ben", ["go"]), ("c_cleo", ["python", "go"])):
            await a_person(tx, name, skills=skills)
        for name, expires in (("c_ana", None), ("c_ben", MONDAY), ("c_cleo", MONDAY + DAY)):
            await insert(tx, _member(name, "warm", expires))
        warm, backend = await of_pool(tx, clock, "warm"), await of_pool(tx, clock, "backend")
        with pytest.raises(NotFound, match="no pool 'wram'"):
            await of_pool(tx, clock, "wram")

    assert ["c_ana", "c_cleo"] == warm.names == backend.names
    assert ("pool warm", "pool:warm") == (warm.source, warm.key)


async def test_a_file_names_people_by_address_or_id(store: Store) -> None:
    """Who appears twice enters once; a line that names nobody is said, not guessed."""
    async with store.write() as tx:
        await a_person(tx)
        await a_person(tx, "c_ben")
        by_email = b"email,note\nC_Ana@people.example,x\nnobody@people.example,\n,y\nc_ana@people.example,\n"
        people = await of_csv(tx, BytesIO(by_email), pepper=PEPPER)
        further = address_key("ben@home.example", PEPPER)
        await insert(tx, AddressRow(key=further, candidate="c_ben", email="ben@home.example", recorded_at=MONDAY))
        by_further = await of_csv(tx, BytesIO(b"email\nben@home.example\n"), pepper=PEPPER)
        by_id = await of_csv(tx, BytesIO(b"candidate\nc_ben\nc_nobody\n"), pepper=PEPPER)
        with pytest.raises(BadInput, match="no column `email` or `candidate`"):
            await of_csv(tx, BytesIO(b"name\nAna\n"), pepper=PEPPER)

    assert (["c_ana"], ["c_ben"]) == (people.names, by_further.names)
    assert [(3, "is nobody's address that we know"), (4, "is empty")] == [
        (problem.line, problem.reason) for problem in people.problems
    ]
    assert ["c_ben", "c_nobody"] == by_id.names
