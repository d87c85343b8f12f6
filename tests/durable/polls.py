"""An ATS in memory whose changes are read page by page, and a worker that reads them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from temporalio.client import Client

from rapport.engine.world import World
from rapport.errors import TemporaryFailure
from rapport.ports import AtsStanding
from tests.durable.sequences import scenario
from worker.run import serve


@dataclass(kw_only=True)
class PagesInMemory:
    """An `AtsDesk` with pages, the first of which does not come at once."""

    pages: int
    read: list[str] = field(default_factory=list)
    failures: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def poll_page(self, connection: str) -> AtsStanding:
        """One page."""
        if self.failures:
            self.failures -= 1
            raise TemporaryFailure("The ATS does not know ada@people.example.", hint="Later.")
        self.read.append(connection)
        more = len(self.read) < self.pages
        if not more:
            self.over.set()
        return AtsStanding(people=2, jobs=1, more=more)


@asynccontextmanager
async def working(client: Client, desk: PagesInMemory, queue: str) -> AsyncIterator[None]:
    """A worker that polls."""
    stop = asyncio.Event()
    world: World = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, ats=desk))
    try:
        yield
    finally:
        stop.set()
        await serving
