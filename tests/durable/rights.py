"""People's rights: a desk in memory for recordings, and a worker around a real store that erases and sweeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from temporalio.client import Client

from cli.outbox import TemporalWalks, tell_all
from rapport.clock import SystemClock
from rapport.engine.world import World
from rapport.errors import TemporaryFailure
from rapport.ports import Mailer, SweepStanding
from rapport.store import privacy
from rapport.store.database import Store
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.privacy_desk import StorePrivacyDesk
from rapport.usecases.privacy_dispatch import ErasureDispatcher
from tests.durable.sequences import scenario
from tests.unit.store.worlds import PEPPER
from tests.unit.usecases.desks import a_desk
from worker.run import serve
from workflows.client import Walks
from workflows.privacy_client import Erasures

_PATIENCE_SECONDS = 60
_PAGE = 10


@dataclass(kw_only=True)
class RightsInMemory:
    """A `PrivacyDesk`: so many walks end one by one, and of so many people every tenth is erased."""

    walks: int = 0
    people: int = 0
    failures: int = 0
    behind: list[str] = field(default_factory=list)
    sweeps: set[str] = field(default_factory=set)

    async def settle_erasure(self, request: str) -> int:
        """One walk less at each look, the first of which may fail."""
        self._fail(request)
        self.walks -= 1
        return self.walks + 1

    async def sweep_page(self, behind: str, *, sweep: str) -> SweepStanding:
        """The next ten; the first page may fail."""
        self._fail(behind)
        self.sweeps.add(sweep)
        self.behind.append(behind)
        looked = min(_PAGE, self.people)
        self.people -= looked
        last = f"c_{_PAGE * (len(self.behind) - 1) + looked:04}"
        return SweepStanding(behind=last, looked=looked, erased=1, announced=2, asked=3, over=not self.people)

    def _fail(self, of: str) -> None:
        if self.failures:
            self.failures -= 1
            raise TemporaryFailure(f"The store of ada@people.example is away, {of}.", hint="Wait.")


@asynccontextmanager
async def working(client: Client, desk: RightsInMemory, queue: str) -> AsyncIterator[None]:
    """A worker for erasures and sweeps alone."""
    stop = asyncio.Event()
    world: World = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, privacy=desk))
    try:
        yield
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def a_worker(store: Store, client: Client, mailer: Mailer) -> AsyncIterator[None]:
    """What `rapport worker` runs, as far as it concerns walks and erasures."""
    stop, clock = asyncio.Event(), SystemClock()
    desk = a_desk(store, mailer, clock)  # type: ignore[arg-type]  # the clock is a real one here
    outboxes = partial(
        tell_all,
        stop,
        Dispatcher(store, TemporalWalks(Walks(client)), clock, resend=desk.resend),
        ErasureDispatcher(store, Erasures(client)),
    )
    privacy_desk = StorePrivacyDesk(store, clock, pepper=PEPPER)
    serving = asyncio.create_task(serve(desk, client=client, stop=stop, background=outboxes, privacy=privacy_desk))
    try:
        yield
    finally:
        stop.set()
        await serving


async def until_done(store: Store, request: str) -> None:
    """Wait for the record of an erasure to say so."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            async with store.read() as tx:
                if (await privacy.get(tx, request)).state == privacy.DONE:
                    return
            await asyncio.sleep(0.05)
