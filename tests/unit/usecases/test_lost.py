"""A walk that Temporal has lost begins again, or is noted as ended; it never stays under way for good."""

from datetime import timedelta

import pytest

from rapport.engine.state import End, Passed
from rapport.errors import Refused
from rapport.store import enrollments
from rapport.store.database import Store
from rapport.usecases.commands import cancel, pause
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.lost import begin_again, end, under_way
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import a_walk
from tests.unit.usecases.test_dispatch import LISTENS, STEPS, Heard, tag


async def test_a_lost_walk_begins_again_and_hears_what_it_was_told(store: Store, clock: StandingClock) -> None:
    """Behind the start comes everything that it had heard, and what was on its way, once and in order."""
    walk, heard = await a_walk(store, clock, STEPS, head=LISTENS), Heard()
    await tag(store, clock, "a", "b")
    dispatcher = Dispatcher(store, heard, clock)
    await dispatcher.drain()
    heard.log.clear()
    heard.over = True
    await tag(store, clock, "c")
    for _ in range(2):
        async with store.write() as tx:
            await begin_again(tx, clock, walk, by="anna-koch")
    await dispatcher.drain()

    again = [("start", walk, ()), ("tell", walk, ("a", "b", "c"))]
    assert [("tell", walk, ("c",)), *again, *again] == heard.log


async def test_a_lost_walk_that_was_paused_stays_paused(store: Store, clock: StandingClock) -> None:
    """Nobody's pause is over because a database was lost."""
    walk, heard = await a_walk(store, clock, STEPS), Heard()
    async with store.write() as tx:
        await pause(tx, clock, walk, at=MONDAY, by="anna-koch")
    await Dispatcher(store, heard, clock).drain()
    heard.log.clear()
    async with store.write() as tx:
        await begin_again(tx, clock, walk, by="anna-koch")
        on_its_way = await under_way(tx)
    await Dispatcher(store, heard, clock).drain()
    async with store.read() as tx:
        state = (await enrollments.get(tx, walk)).state
        afterwards = await under_way(tx)

    assert ["start", "pause"] == [kind for kind, _, _ in heard.log]
    assert ("paused", [], [walk]) == (state, on_its_way, afterwards)


async def test_a_lost_walk_is_noted_as_it_ended(store: Store, clock: StandingClock) -> None:
    """What Temporal still knows of the end is kept, with the way to it; it ends once."""
    walk = await a_walk(store, clock, STEPS)
    await Dispatcher(store, Heard(), clock).drain()
    at = MONDAY + timedelta(hours=1)
    async with store.write() as tx:
        await end(tx, clock, walk, End("replied", at), [Passed("hello", MONDAY, "sent")])
        row = await enrollments.get(tx, walk)

        assert ("ended", "replied", at, [["hello", MONDAY.isoformat(), "sent"]]) == (
            row.state,
            row.end_name,
            row.ended_at,
            row.path,
        )
        with pytest.raises(Refused, match=r"has ended \(replied\)"):
            await begin_again(tx, clock, walk, by="anna-koch")


async def test_cancelling_a_lost_walk_ends_it(store: Store, clock: StandingClock) -> None:
    """A person can always be taken out of a sequence, also when no workflow is left to be told."""
    walk, heard = await a_walk(store, clock, STEPS), Heard()
    dispatcher = Dispatcher(store, heard, clock)
    await dispatcher.drain()
    heard.answer = "gone"
    async with store.write() as tx:
        await cancel(tx, clock, walk, at=MONDAY, by="anna-koch")
    await dispatcher.drain()
    async with store.read() as tx:
        row = await enrollments.get(tx, walk)

    assert ("ended", "cancelled", MONDAY) == (row.state, row.end_name, row.ended_at)
