"""Bulk enrollment, from the wish to the last started walk, beside plain `start_workflow` of the same walks."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter

from temporalio.client import Client

from bench.cast import SEQUENCE, Shipped, enrollment_of, shipped
from bench.house import a_house, people_of
from bench.rows import Row, hand_over, median
from bench.sides import walk_input
from cli.outbox import TemporalWalks
from rapport.settings import Settings
from rapport.store import bulks, deliveries
from rapport.usecases.bulk import MOST_PER_MINUTE, Asked, StoreBulkDesk, begin
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.crowd import Wish
from rapport.usecases.dispatch import Dispatcher
from rapport.wiring.house import House
from worker.dev_server import DevServerOptions, dev_server
from worker.exit import end_process
from worker.run import serve
from workflows.bulk_client import Bulks
from workflows.client import Walks
from workflows.converter import walk_data_converter

# Enough that the second until a wish is first looked at counts for little.
_PEOPLE = 800
_ROUNDS = 3
_AT_ONCE = 50
# Nobody works on the walks that are started: only starting is measured.
_IDLE = "idle-walks"
_BULK = "bulk-walks"
_LOOK_SECONDS = 0.05


async def _measure() -> Sequence[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options = DevServerOptions(log_file=folder / "temporal.log", db_file=folder / "temporal.db")
        server = await stack.enter_async_context(dev_server(options))
        client = await Client.connect(server.address, data_converter=walk_data_converter)
        house = await stack.enter_async_context(a_house(Settings(state_folder=folder), people=_PEOPLE * (1 + _ROUNDS)))
        await stack.enter_async_context(_working(house, client))
        names = await people_of(house)
        # One round more, that nobody counts: code and caches are cold in it.
        rounds = [
            await _round(house, client, names, range(first, first + _PEOPLE)) for first in range(0, len(names), _PEOPLE)
        ]
    print(rounds)
    ours, raw = (median([figures[side] for figures in rounds[1:]]) for side in (0, 1))
    return [Row(name="bulk enrollments per second", value=ours, unit="walks/s", baseline=raw, at_least=0.8)]


async def _round(house: House, client: Client, names: Sequence[str], whom: range) -> tuple[float, float]:
    """Walks per second, ours and raw; half of raw before and half after, so that a trend of the machine hits both."""
    numbers = iter(whom)
    before = await _raw_seconds(client, shipped(), islice(numbers, _PEOPLE // 2))
    ours = await _ours_seconds(house, names[whom.start : whom.stop])
    after = await _raw_seconds(client, shipped(), numbers)
    return _PEOPLE / ours, _PEOPLE / (before + after)


@asynccontextmanager
async def _working(house: House, client: Client) -> AsyncIterator[None]:
    """Run what `rapport worker` runs for it."""
    stop, desk = asyncio.Event(), StoreBulkDesk(house.store, house.clock)
    dispatcher = Dispatcher(house.store, TemporalWalks(Walks(client, _IDLE)), house.clock)
    teller = BulkDispatcher(house.store, Bulks(client, _BULK), desk)
    running = [
        asyncio.create_task(dispatcher.run(stop)),
        asyncio.create_task(teller.run(stop)),
        asyncio.create_task(serve(house.desk, client=client, stop=stop, queue=_BULK, bulk=desk)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def _ours_seconds(house: House, names: Sequence[str]) -> float:
    """From the wish until Temporal has every walk."""
    wish = Wish(sequence=SEQUENCE)
    asked = Asked(wish=wish, source="bench", key=names[0], names=names, per_minute=MOST_PER_MINUTE, cause="bench")
    began = perf_counter()
    async with house.store.write() as tx:
        bulk = await begin(tx, house.clock, asked)
    while not await _is_over(house, bulk.id):  # noqa: ASYNC110  # the store tells nobody
        await asyncio.sleep(_LOOK_SECONDS)
    return perf_counter() - began


async def _is_over(house: House, bulk: str) -> bool:
    async with house.store.read() as tx:
        row = await bulks.get(tx, bulk)
        if row.refused:
            raise AssertionError(await bulks.reasons(tx, bulk))
        return row.state == bulks.ENDED and not await deliveries.depth(tx)


async def _raw_seconds(client: Client, known: Shipped, numbers: Iterator[int]) -> float:
    walks = Walks(client, _IDLE)

    async def one_after_another() -> None:
        for number in numbers:
            await walks.start(walk_input(known, enrollment_of("raw", "silent", number)), title=SEQUENCE)

    began = perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))
    return perf_counter() - began


if __name__ == "__main__":
    hand_over(sys.argv, asyncio.run(_measure()))
    end_process(0)
