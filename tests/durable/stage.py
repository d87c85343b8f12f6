"""A stage for one walk: a real worker, a desk in memory, and a conductor who moves the walk's clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from cli.timekeeper import Rest, Timekeeper
from rapport.clock import SystemClock
from rapport.dsl.events import MAIL_EVENTS
from rapport.engine.scenario import Scenario, happening_of
from rapport.engine.script import Scripted
from rapport.engine.world import Enrolled, World
from rapport.ports import WalkDesk
from worker.run import serve
from workflows.client import Walks
from workflows.messages import HISTORY_LIMIT, Position, WalkInput, WalkResult

VERSION = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
# Far more than a walk needs to react; a test that waits longer has failed.
_PATIENCE_SECONDS = 20
_LOOK_EVERY = 0.02


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One walk that runs for real."""

    client: Client
    walks: Walks
    scenario: Scenario
    world: World
    shift: timedelta

    @property
    def enrollment(self) -> str:
        """The walk's id."""
        return self.scenario.enrollment

    async def start(self, *, history_limit: int = HISTORY_LIMIT) -> None:
        """Start the walk at the scenario's instant."""
        await self.walks.start(self.input(history_limit=history_limit), title="Welcome to the engineering talent pool")

    def input(self, *, history_limit: int = HISTORY_LIMIT) -> WalkInput:
        """What the walk is started with."""
        state = self.scenario.state()
        return WalkInput(
            enrollment=self.enrollment,
            plan=self.scenario.plan.source,
            enrolled_at=state.enrolled_at,
            shift=self.shift.total_seconds(),
            sequence=self.scenario.plan.sequence,
            version=VERSION,
            owner="anna-koch",
            event=state.event,
            variants=state.variants or None,
            history_limit=history_limit,
        )

    async def act_out(self) -> WalkResult:
        """Let the script happen, each thing at its instant, and everything else take its course."""
        for scripted in self.scenario.script():
            if not await self.timekeeper.until(scripted.at, self._settled):
                break
            await self.happen(scripted)
        return await self.go_to_end()

    @property
    def timekeeper(self) -> Timekeeper:
        """What moves the walk's clock while it rests."""
        return Timekeeper(client=self.client, walks=self.walks, clock=SystemClock())

    async def _settled(self) -> Rest | None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                if (await self.walks.handle(self.enrollment).describe()).close_time is not None:
                    return None
                rest = await self.timekeeper.rest(self.enrollment)
                if rest is not None:
                    return rest
                await asyncio.sleep(_LOOK_EVERY)

    async def go_to(self, at: datetime) -> None:
        """Move the walk's clock over all timers on the way; a walk that is over has none."""
        skipper, handle = TimeSkipper(self.client), self.walks.handle(self.enrollment)
        with suppress(RPCError):
            ahead = at - (await skipper.get_current_time(handle) + self.shift)
            # The server may round a shorter skip to none at all, which means: skip without end.
            if ahead >= timedelta(seconds=1):
                await skipper.fast_forward(handle, ahead)

    async def go_to_end(self) -> WalkResult:
        """Skip all waiting until the walk is over, however many histories it takes."""
        skipper, handle = TimeSkipper(self.client), self.walks.handle(self.enrollment)
        with suppress(RPCError):
            await skipper.fast_forward(handle, None)
        return await handle.result()

    async def happen(self, scripted: Scripted) -> None:
        """Let the world and the walk know, as an intake would."""
        happening = happening_of(scripted)
        is_news = scripted.kind in MAIL_EVENTS or self.world.happen(happening, scripted.changes)
        told = [happening, *(self.world.move_after(happening) if is_news else ())]
        for each in told:
            self.world.note(self.enrollment, each)
        await self.walks.tell(self.enrollment, told)

    async def waits(self, text: str) -> Position:
        """Where the walk is, once it waits for what begins like this."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                # Between two histories there is a moment in which nobody can be asked.
                with suppress(RPCError):
                    position = await self.walks.position(self.enrollment)
                    if position is not None and position.resting and position.waiting.startswith(text):
                        return position

    async def history(self) -> str:
        """The whole history as Temporal keeps it, in JSON."""
        return (await self.walks.handle(self.enrollment).fetch_history()).to_json()


@asynccontextmanager
async def on_stage(
    client: Client, scenario: Scenario, desk: Callable[[World], WalkDesk] = lambda world: world
) -> AsyncIterator[Stage]:
    """A worker for this walk alone; `desk` may put something before the world."""
    queue = f"{scenario.enrollment}-walks"
    world = scenario.world()
    world.enrollments[scenario.enrollment] = Enrolled(plan=scenario.plan, at=scenario.start.instant)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(desk(world), client=client, stop=stop, queue=queue))
    shift = scenario.start.instant - SystemClock().now()
    try:
        yield Stage(client=client, walks=Walks(client, queue), scenario=scenario, world=world, shift=shift)
    finally:
        stop.set()
        await serving
