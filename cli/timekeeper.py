"""Moves the clocks of walks on a development server with time skipping; for the demo, `rapport test` and tests only."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from rapport.clock import Clock
from workflows.client import Walks
from workflows.messages import Position

# People act a little after the clock was moved: close enough to be on time (60 s), far enough from any timer.
BEFORE = timedelta(seconds=5)
# A skip that ends while a walk is at work overshoots: the server then skips to its next timer, months ahead. So a
# skip ends just before the timer, while the walk is at rest, and the timer comes by itself.
_SHORT_OF_TIMER = timedelta(milliseconds=150)
_OPEN = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
# Not started yet, or between two histories: nobody can be asked in these moments.
_NOT_NOW = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)


@dataclass(frozen=True, slots=True)
class Rest:
    """A walk at rest: `now` is its clock, `wakes_at` its next timer (walk time), `step` where it waits."""

    enrollment: str
    now: datetime
    wakes_at: datetime | None
    step: str | None = None


@dataclass(frozen=True, kw_only=True)
class Timekeeper:
    """Moves one walk's clock at a time, and only while that walk rests; `clock` tells the real time."""

    client: Client
    walks: Walks
    clock: Clock

    async def rest(self, enrollment: str) -> Rest | None:
        """Where the walk rests; None while it is at work, not begun yet, or over."""
        try:
            described = await self.walks.handle(enrollment).describe()
            position = await self.walks.position(enrollment) if _is_idle(described) else None
        except RPCError as error:
            if error.status in _NOT_NOW:
                return None
            raise
        return self._at(described, position) if position is not None and position.resting else None

    async def forward(self, rest: Rest, to: datetime) -> None:
        """Move the walk's clock; a walk that ends on the way has none any more."""
        ahead = to - rest.now
        if ahead <= timedelta(0):
            return
        try:
            await TimeSkipper(self.client).fast_forward(self.walks.handle(rest.enrollment), ahead)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def wake(self, rest: Rest, at: datetime) -> None:
        """Let the walk's next timer come, which is due at `at`."""
        await self.forward(rest, at - _SHORT_OF_TIMER)
        await asyncio.sleep(max(0.0, min(_SHORT_OF_TIMER, at - rest.now).total_seconds()))

    async def until(
        self,
        at: datetime | None,
        settled: Callable[[], Awaitable[Rest | None]],
        woken: Callable[[datetime], None] = lambda _: None,
    ) -> bool:
        """Let one walk go on until just before `at`, or until nothing wakes it any more; False when it is over.

        `settled` waits for the walk to rest; None when it is over. `woken` is told of every timer that comes.
        """
        while (rest := await settled()) is not None:
            if at is not None and (rest.wakes_at is None or rest.wakes_at >= at):
                await self.forward(rest, at - BEFORE)
                return True
            if rest.wakes_at is None:
                return True
            woken(rest.wakes_at)
            await self.wake(rest, rest.wakes_at)
        return False

    def _at(self, described: WorkflowExecutionDescription, position: Position) -> Rest:
        info = described.raw_description.workflow_extended_info
        skipped = info.HasField("time_skipping_info")
        now = (
            info.time_skipping_info.current_time.ToDatetime(described.start_time.tzinfo)
            if skipped
            else self.clock.now()
        )
        return Rest(described.id, now + timedelta(seconds=position.shift), position.until, position.step)


def _is_idle(described: WorkflowExecutionDescription) -> bool:
    """Whether Temporal itself has nothing under way for the walk."""
    raw = described.raw_description
    busy = raw.pending_activities or raw.HasField("pending_workflow_task")
    return raw.workflow_execution_info.status == _OPEN and not busy
