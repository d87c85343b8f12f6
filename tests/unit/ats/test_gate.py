"""Limits hold for all processes together: they share one gate in the store, and nobody is refused."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from rapport.ats.demo.limits import Window
from rapport.clock import SystemClock
from rapport.crm.call_limits import CallLimits, LimitsSaid
from rapport.errors import TemporaryFailure
from rapport.store.ats_limits import StoreGate
from rapport.store.database import Store
from rapport.store.migrate import migrate
from tests.ats_fakes.demo import Steered
from tests.unit.ats.vendors import opened

SECOND = timedelta(seconds=1)


def now() -> datetime:
    """The vendor's clock, which is not ours."""
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251  # the fake's own


@pytest.fixture
async def gates(database: str) -> AsyncIterator[tuple[StoreGate, StoreGate]]:
    """The gates of two processes on one store."""
    await migrate(database)
    first, second = Store.open(database), Store.open(database)
    yield StoreGate(first, SystemClock()), StoreGate(second, SystemClock())
    await first.close()
    await second.close()


async def test_two_processes_share_one_bucket(gates: tuple[StoreGate, StoreGate]) -> None:
    """What one process has used, the other one may not use again, however much they hurry."""
    limits = CallLimits(calls=8, per=timedelta(hours=1), is_bucket=True)
    waits = await asyncio.gather(*(gate.take("main", limits) for gate in gates for _ in range(8)))
    other = await gates[0].take("another", limits)

    assert 8 == len([wait for wait in waits if not wait])
    assert not other


async def test_a_pause_is_told_to_the_other_process(gates: tuple[StoreGate, StoreGate]) -> None:
    """Whoever is asked for a pause asks it of everybody, and it outlives a restart."""
    limits = CallLimits(calls=8, per=SECOND, is_bucket=True)
    await gates[0].learn("main", limits, LimitsSaid(pause=600 * SECOND))

    assert 590 * SECOND < await gates[1].take("main", limits) <= 600 * SECOND


async def test_nobody_is_refused_while_two_work(gates: tuple[StoreGate, StoreGate]) -> None:
    """Two processes with more to do than one window allows: every answer comes, and no call is one too many."""
    fake = Steered(speaks="greenhouse")
    window = fake.greenhouse.window = Window(calls=12, seconds=3, now=now)
    person = fake.person("ana@people.example")
    async with (
        opened("greenhouse", fake=fake, gate=gates[0]) as one,
        opened("greenhouse", fake=fake, gate=gates[1]) as two,
    ):
        await one.vendor.person(person)  # from here on, how often they may call is known
        found = await asyncio.gather(*(here.vendor.person(person) for here in (one, two) for _ in range(9)))

    assert 18 == len([someone for someone in found if someone])
    assert 0 == window.refused
    assert len(window.counted) > 1


@pytest.mark.parametrize("name", ["greenhouse"])
async def test_a_long_pause_is_not_waited_for(name: str, gates: tuple[StoreGate, StoreGate]) -> None:
    """A pause of minutes is the walk's to wait for; nobody else bothers the ATS meanwhile."""
    async with opened(name, gate=gates[0]) as here:
        here.fake.person("ana@people.example")
        await here.vendor.find("ana@people.example")
        await gates[1].learn("main", CallLimits(calls=1, per=SECOND, is_bucket=True), LimitsSaid(pause=600 * SECOND))
        asked = len(here.faults.log)
        with pytest.raises(TemporaryFailure) as raised:
            await here.vendor.find("ana@people.example")

        assert raised.value.pause is not None
        assert raised.value.pause > 500 * SECOND
        assert asked == len(here.faults.log)
