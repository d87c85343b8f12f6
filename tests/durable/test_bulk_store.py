"""The whole way of a bulk enrollment: from a stored list over the outbox to walks, whatever stops on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from cli.outbox import TemporalWalks
from rapport.clock import SystemClock
from rapport.store import bulks, deliveries
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.bulk import Asked, StoreBulkDesk, begin, cancel
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.bulk_list import of_ids
from rapport.usecases.crowd import Wish
from rapport.usecases.dispatch import Dispatcher
from tests.durable.sequences import scenario
from tests.unit.store.worlds import a_person, published, url_of
from worker.run import serve
from workflows.bulk_client import Bulks, workflow_id
from workflows.client import Walks

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
HELLO = "{purpose: service, steps: [{id: rest, wait: 30 days}]}"


@asynccontextmanager
async def a_store(folder: Path, sequence: str, people: int) -> AsyncIterator[Store]:
    """A store with so many people and one sequence, whose name no other test has."""
    url = url_of(folder / "rapport.db")
    await migrate(url)
    store = Store.open(url)
    await published(store, **{sequence: HELLO})
    async with store.write() as tx:
        for number in range(people):
            await a_person(tx, f"c_{number:03d}", consent=())
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def a_worker(store: Store, client: Client, queue: str) -> AsyncIterator[None]:
    """What `rapport worker` runs; the walks themselves wait on a queue without a worker."""
    stop, desk = asyncio.Event(), StoreBulkDesk(store, CLOCK)
    outbox = Dispatcher(store, TemporalWalks(Walks(client, f"{queue}-parked")), CLOCK)
    bulk = BulkDispatcher(store, Bulks(client, queue), desk)

    async def deliver() -> None:
        await asyncio.gather(outbox.run(stop), bulk.run(stop))

    world = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, background=deliver, bulk=desk))
    try:
        yield
    finally:
        stop.set()
        await serving


async def begun(store: Store, sequence: str, people: int, per_minute: int) -> str:
    """A bulk enrollment of them all."""
    everybody = of_ids([f"c_{number:03d}" for number in range(people)])
    asked = Asked(
        wish=Wish(sequence=sequence),
        source=everybody.source,
        key=everybody.key,
        names=everybody.names,
        per_minute=per_minute,
        cause="test",
    )
    async with store.write() as tx:
        return (await begin(tx, CLOCK, asked)).id


async def reaches(store: Store, bulk: str, *, state: str = bulks.ENDED, cursor: int = 0) -> None:
    """Wait until it has come so far and the outbox is empty."""
    async with asyncio.timeout(60):
        while True:
            async with store.read() as tx:
                row = await bulks.get(tx, bulk)
                if row.state == state and row.cursor >= cursor and not await deliveries.depth(tx):
                    return
            await asyncio.sleep(0.05)


async def walks_of(client: Client, sequence: str) -> list[str]:
    """Every walk of a sequence that Temporal lists, which it does with a delay."""
    query = f"RapportSequence = '{sequence}' AND WorkflowType = 'Sequence'"
    return sorted([walk.id async for walk in client.list_workflows(query)])


async def test_a_worker_that_stops_midway_loses_and_doubles_nobody(
    temporal: Client, candidate: str, tmp_path: Path
) -> None:
    """The second worker goes on where the first one stopped; each person has one walk."""
    sequence = candidate.replace("_", "-")
    async with a_store(tmp_path, sequence, 150) as store:
        bulk = await begun(store, sequence, 150, per_minute=600)
        async with a_worker(store, temporal, f"{candidate}-walks"):
            await reaches(store, bulk, state="running", cursor=100)
        async with a_worker(store, temporal, f"{candidate}-walks"):
            await reaches(store, bulk)
            async with asyncio.timeout(20):
                while len(found := await walks_of(temporal, sequence)) < 150:  # noqa: ASYNC110  # lists lag
                    await asyncio.sleep(0.1)

    assert [f"{sequence}/c_{number:03d}/1" for number in range(150)] == found


async def test_a_cancelled_one_stops_within_its_pause(temporal: Client, candidate: str, tmp_path: Path) -> None:
    """Cancel does not wait for the next turn, and works for one that no workflow has taken up as well."""
    sequence = candidate.replace("_", "-")
    async with a_store(tmp_path, sequence, 5) as store:
        slow = await begun(store, sequence, 5, per_minute=1)
        async with a_worker(store, temporal, f"{candidate}-walks"):
            await reaches(store, slow, state="running", cursor=1)
            before = CLOCK.now()
            async with store.write() as tx:
                await cancel(tx, slow)
            await reaches(store, slow)
            took = CLOCK.now() - before
            unborn = await begun(store, sequence, 4, per_minute=1)
            async with store.write() as tx:
                await cancel(tx, unborn)
            await reaches(store, unborn)
            ended = await temporal.get_workflow_handle(workflow_id(slow)).result()
            async with store.read() as tx:
                rows = [await bulks.get(tx, bulk) for bulk in (slow, unborn)]

    assert took < timedelta(seconds=20)
    assert [("cancelled", 1), ("cancelled", 0)] == [(row.end, row.cursor) for row in rows]
    assert ended["over"]
