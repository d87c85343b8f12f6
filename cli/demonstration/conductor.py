"""Moves every person's clock from one instant to the next, on the real Temporal server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from cli.demonstration.cast import Part
from cli.demonstration.clock import StageClock
from cli.demonstration.deeds import Doors
from cli.demonstration.observer import Observer
from cli.timekeeper import BEFORE, Rest, Timekeeper
from rapport.engine.situation import Situation

_LOOK_EVERY = 0.02
# Far more than a walk needs to come to rest; a demo that waits longer has failed and says where.
_PATIENCE_SECONDS = 60


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

    timekeeper: Timekeeper
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
                await asyncio.gather(*(self.timekeeper.forward(rest, at - BEFORE) for rest in resting))
                return True
            if first.wakes_at is None:
                message = f"{first.enrollment} waits for something that nobody does"
                raise RuntimeError(message)
            await self.timekeeper.wake(first, first.wakes_at)

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
        rests = await asyncio.gather(*(self.timekeeper.rest(row.id) for row in rows))
        if any(rest is None for rest in rests) or await self.observer.undelivered(candidate):
            return None
        return [rest for rest in rests if rest is not None]
