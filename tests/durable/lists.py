"""A bulk enrollment whose list is in memory: what tests of its workflow, and recordings of it, stand on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from temporalio.client import Client, WorkflowHandle

from rapport.engine.world import World
from rapport.ports import BulkStanding
from tests.durable.sequences import scenario
from worker.run import serve
from workflows.bulk_client import Bulks, workflow_id

PAGE = 10


@dataclass(kw_only=True)
class ListInMemory:
    """A `BulkDesk` whose list is numbers; `crashes` breaks it after a page was done, as a killed worker does."""

    total: int
    entered: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    crashes: int = 0
    crowded: int = 0
    cancelled: bool = False

    async def enroll_page(self, bulk: str, *, up_to: int) -> BulkStanding:
        """Let ten in."""
        del bulk
        self.asked.append(up_to)
        if self.crowded:
            self.crowded -= 1
            return self._standing(crowded=True)
        if not self.cancelled:
            cursor = len(self.entered)
            self.entered += range(cursor + 1, min(cursor + PAGE, up_to, self.total) + 1)
        if self.crashes:
            self.crashes -= 1
            raise ConnectionError("ana@people.example was written, and the answer is lost")
        return self._standing()

    def _standing(self, *, crowded: bool = False) -> BulkStanding:
        cursor = len(self.entered)
        over = self.cancelled or cursor == self.total
        return BulkStanding(cursor=cursor, total=self.total, entered=cursor, refused=0, over=over, crowded=crowded)


@asynccontextmanager
async def working(client: Client, desk: ListInMemory, queue: str) -> AsyncIterator[Bulks]:
    """A worker for this bulk enrollment alone."""
    stop = asyncio.Event()
    world: World = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, bulk=desk))
    try:
        yield Bulks(client, queue)
    finally:
        stop.set()
        await serving


def handle(client: Client, bulk: str) -> WorkflowHandle[object, BulkStanding]:
    """Its workflow."""
    return client.get_workflow_handle(workflow_id(bulk), result_type=BulkStanding)


async def history_of(client: Client, bulk: str) -> str:
    """The whole history of its last run."""
    return (await handle(client, bulk).fetch_history()).to_json()


async def rests(client: Client, bulk: str, *, times: int = 1) -> list[float]:
    """Wait until it waits, for the first or a later time; for how many seconds."""
    async with asyncio.timeout(20):
        while len(timers := await timers_of(client, bulk)) < times:  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.05)
    return timers


async def timers_of(client: Client, bulk: str) -> list[float]:
    """How many seconds each timer was set for."""
    events = json.loads(await history_of(client, bulk))["events"]
    found = [event.get("timerStartedEventAttributes") for event in events]
    return [float(timer["startToFireTimeout"].rstrip("s")) for timer in found if timer]
