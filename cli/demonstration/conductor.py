"""Moves every person's clock from one instant to the next, on the real Temporal server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from cli.demonstration.cast import Part
from cli.demonstration.clock import StageClock
from cli.demonstration.deeds import Doors
from cli.demonstration.observer import Observer
from rapport.engine.situation import Situation
from workflows.client import Walks

# People act a little after the clock was moved: close enough to be on time (60 s), far enough from any timer.
_BEFORE = timedelta(seconds=5)
# A skip that ends while a walk is at work overshoots: the server then skips to its next timer, months ahead. So a
# skip ends just before the timer, while the walk is at rest, and the timer comes by itself.
_SHORT_OF_TIMER = timedelta(milliseconds=150)
_LOOK_EVERY = 0.02
# Far more than a walk needs to come to rest; a demo that waits longer has failed and says where.
_PATIENCE_SECONDS = 60
_OPEN = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


@dataclass(frozen=True, slots=True)
class Rest:
    """A walk at rest: `now` is its clock, `wakes_at` its next timer (walk time)."""

    enrollment: str
    now: datetime
    wakes_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Played:
    """What it took to play a part: the enrollment, and the person as known when it began."""

    part: Part
    candidate: str
    enrollment: str
    known: Situation


@dataclass(frozen=True, kw_only=True)
class Conductor:
    """Plays parts: each person's walks on their own clocks."""

    client: Client
    walks: Walks
    doors: Doors
    observer: Observer
    clock: StageClock

    async def play(self, part: Part) -> Played:
        """Begin the walk, let the person act out the script, and let everything else take its course."""
        candidate = await self.observer.candidate(part.email)
        self.clock.set(candidate, part.start.instant)
        begun = await self.doors.begin(part)
        if len(begun) != 1:
            message = f"{part.sequence} should have begun for a person of the cast; begun: {begun or 'nothing'}"
            raise RuntimeError(message)
        known = await self.observer.situation(begun[0], part.start.instant)
        played = Played(part=part, candidate=candidate, enrollment=begun[0], known=known)
        for at, together in groupby(part.script(), key=lambda scripted: scripted.at):
            if not await self._until(candidate, at):
                return played
            self.clock.set(candidate, at)
            for scripted in together:
                await self.doors.act(part, played.enrollment, scripted)
        await self._until(candidate, None)
        return played

    async def _until(self, candidate: str, at: datetime | None) -> bool:
        """Wake the person's walks, earliest first, until nothing wakes before `at`; False when all are over."""
        while True:
            resting = await self._settled(candidate)
            if not resting:
                return False
            first = min(resting, key=lambda rest: rest.wakes_at or datetime.max.replace(tzinfo=rest.now.tzinfo))
            if at is not None and (first.wakes_at is None or first.wakes_at >= at):
                await asyncio.gather(*(self._forward(rest, at - _BEFORE) for rest in resting))
                return True
            if first.wakes_at is None:
                message = f"{first.enrollment} waits for something that nobody does"
                raise RuntimeError(message)
            await self._forward(first, first.wakes_at - _SHORT_OF_TIMER)
            await asyncio.sleep(max(0.0, min(_SHORT_OF_TIMER, first.wakes_at - first.now).total_seconds()))

    async def _forward(self, rest: Rest, to: datetime) -> None:
        """Move one walk's clock; a walk that ends on the way has none any more."""
        ahead = to - rest.now
        if ahead <= timedelta(0):
            return
        try:
            await TimeSkipper(self.client).fast_forward(self.walks.handle(rest.enrollment), ahead)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _settled(self, candidate: str) -> Sequence[Rest]:
        """The person's open walks, once every message has arrived and every walk rests."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                rests = await self._look(candidate)
                if rests is not None:
                    return rests
                await asyncio.sleep(_LOOK_EVERY)

    async def _look(self, candidate: str) -> Sequence[Rest] | None:
        """The open walks at rest; None while anything is under way."""
        if await self.observer.undelivered(candidate):
            return None
        rows = [row for row in await self.observer.enrollments(candidate) if row.state != "ended"]
        rests = await asyncio.gather(*(self._rest(row.id) for row in rows))
        if any(rest is None for rest in rests) or await self.observer.undelivered(candidate):
            return None
        return [rest for rest in rests if rest is not None]

    async def _rest(self, enrollment: str) -> Rest | None:
        try:
            described = await self.walks.handle(enrollment).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:  # begun a moment ago, and its start is still in the outbox
                return None
            raise
        raw = described.raw_description
        if (
            raw.workflow_execution_info.status != _OPEN
            or raw.pending_activities
            or raw.HasField("pending_workflow_task")
        ):
            return None
        position = await self.walks.position(enrollment)
        if position is None or not position.resting:
            return None
        info = raw.workflow_extended_info
        skipped = info.HasField("time_skipping_info")
        now = (
            info.time_skipping_info.current_time.ToDatetime(described.start_time.tzinfo)
            if skipped
            else self.clock.now()
        )
        return Rest(enrollment, now + timedelta(seconds=position.shift), position.until)
