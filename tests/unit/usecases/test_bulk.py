"""A bulk enrollment enters its people in pages, each person once, until all had a turn or it is cancelled."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from rapport.errors import Refused
from rapport.ports import BulkStanding
from rapport.store import bulks, deliveries
from rapport.store.database import Store
from rapport.store.tables.bulk import BulkPersonRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.bulk import Asked, Begun, StoreBulkDesk, begin, cancel, look
from rapport.usecases.bulk_list import PeopleList, of_ids
from rapport.usecases.crowd import Wish
from tests.unit.store.worlds import MONDAY, StandingClock, published
from tests.unit.usecases.crowds import OPEN, crowd


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
