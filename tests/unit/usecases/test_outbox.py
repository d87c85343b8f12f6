"""The outbox: what walks must hear arrives in order, and nothing is lost when a dispatcher dies."""

import asyncio
from datetime import datetime, timedelta

import pytest

from rapport.store import deliveries
from rapport.store.database import Store
from rapport.usecases.enroll import enroll
from tests.unit.store.worlds import MONDAY, WELCOME, StandingClock, a_person, published

LEASE = timedelta(seconds=30)
ANA, BEN = "welcome/c_ana/1", "welcome/c_ben/1"


@pytest.fixture
async def outbox(store: Store) -> Store:
    """Two walks: each has its start and one message waiting."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        for candidate in ("c_ana", "c_ben"):
            await a_person(tx, candidate)
            await enroll(tx, StandingClock(), sequence="welcome", candidate=candidate, at=MONDAY, cause="t")
        for enrollment in (ANA, BEN):
            await deliveries.put(tx, enrollment=enrollment, kind="pause", payload={}, at=MONDAY, now=MONDAY)
    return store


async def leased(store: Store, now: datetime = MONDAY, limit: int = 10) -> list[tuple[int, str, str]]:
    """What a dispatcher gets."""
    async with store.write() as tx:
        rows = await deliveries.lease(tx, limit=limit, now=now, lease=LEASE)
        return [(row.id, row.enrollment, row.kind) for row in rows]


async def test_each_walk_hears_in_order(outbox: Store) -> None:
    """A pause never overtakes the start; other walks do not wait."""
    first = await leased(outbox)
    waiting = await leased(outbox)
    async with outbox.write() as tx:
        await deliveries.done(tx, first[0][0], now=MONDAY)
    then = await leased(outbox)

    assert [(ANA, "start"), (BEN, "start")] == [row[1:] for row in first]
    assert [] == waiting
    assert [(ANA, "pause")] == [row[1:] for row in then]


async def test_two_dispatchers_never_get_the_same_message(outbox: Store) -> None:
    """Two workers share the work."""
    both = await asyncio.gather(leased(outbox, limit=1), leased(outbox, limit=1))

    assert {(ANA, "start"), (BEN, "start")} == {row[1:] for rows in both for row in rows}


async def test_a_lease_that_runs_out_goes_to_another(outbox: Store) -> None:
    """A dispatcher that was killed delays a message by half a minute and loses none."""
    first = await leased(outbox)

    early = await leased(outbox, MONDAY + LEASE - timedelta(seconds=1))
    late = await leased(outbox, MONDAY + LEASE)

    assert ([], first) == (early, late)


async def test_what_is_given_back_rests_and_holds_the_later_ones(outbox: Store) -> None:
    """While Temporal is down, the order stays."""
    first = await leased(outbox, limit=1)
    async with outbox.write() as tx:
        await deliveries.give_back(tx, first[0][0], now=MONDAY, backoff=timedelta(minutes=1))

    resting = [row[1] for row in await leased(outbox)]
    after = [row[1:] for row in await leased(outbox, MONDAY + timedelta(minutes=1), limit=1)]

    assert ([BEN], [(ANA, "start")]) == (resting, after)


async def test_a_clock_that_is_set_back_holds_nothing_up(outbox: Store) -> None:
    """Machines are set right by hours; what was leased or rests by the old time is not waited for."""
    first = await leased(outbox)
    async with outbox.write() as tx:
        await deliveries.give_back(tx, first[0][0], now=MONDAY, backoff=timedelta(minutes=1))

    assert first == await leased(outbox, MONDAY - timedelta(hours=3))


async def test_a_late_answer_does_not_reopen_what_is_done(outbox: Store) -> None:
    """The dispatcher that lost its lease has no say any more."""
    [row] = await leased(outbox, limit=1)
    async with outbox.write() as tx:
        await deliveries.done(tx, row[0], now=MONDAY)
        await deliveries.give_back(tx, row[0], now=MONDAY, backoff=LEASE)

        assert [(ANA, "pause"), (BEN, "start"), (BEN, "pause")] == sorted(
            ((each.enrollment, each.kind) for each in await deliveries.undispatched(tx)),
            key=lambda each: (each[0], each[1] == "pause"),
        )


async def test_a_message_that_can_never_arrive_does_not_block_the_walk(outbox: Store) -> None:
    """What is given up is kept as dead, and the next one goes."""
    [row] = await leased(outbox, limit=1)
    async with outbox.write() as tx:
        await deliveries.bury(tx, row[0], now=MONDAY)

    assert (ANA, "pause") in [each[1:] for each in await leased(outbox)]


async def test_depth_and_what_is_undispatched(outbox: Store) -> None:
    """Readiness can tell how far behind the outbox is, and a send can ask whether something is on its way."""
    await leased(outbox, limit=1)
    async with outbox.read() as tx:
        found = (
            await deliveries.depth(tx),
            len(await deliveries.undispatched(tx, enrollment=ANA)),
            len(await deliveries.undispatched(tx, candidate="c_ben")),
            len(await deliveries.undispatched(tx, candidate="c_nobody")),
        )

    assert (4, 2, 2, 0) == found
