"""One worker for many cases: each walk is served by the desk of its own case."""

from collections.abc import Sequence
from datetime import datetime

from cli.rehearsal.outside import Mocks
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from rapport.ports import WalkDesk


class Desks:
    """A WalkDesk that hands every question on; `of` maps an enrollment to its desk and to what its case mocks."""

    def __init__(self) -> None:
        """Begin with no case."""
        self.of: dict[str, tuple[WalkDesk, Mocks]] = {}

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        """Ask the case's desk."""
        return await self._desk(enrollment).due(enrollment, step, since=since, at=at)

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        """Ask the case's desk."""
        return await self._desk(enrollment).decide(enrollment, step, at=at)

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        """Ask the case's desk."""
        return await self._desk(enrollment).gate(enrollment, step, at=at)

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        """Ask the case's desk."""
        return await self._desk(enrollment).consent(enrollment, at=at)

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """Ask the case's desk."""
        return await self._desk(enrollment).missed(enrollment, step, since=since, at=at)

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Let the case's desk send."""
        return await self._desk(enrollment).send(enrollment, step, at=at)

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Let the case's desk act; a call to others is always a step of its own."""
        desk, mocks = self.of[enrollment]
        mocks.asking = steps[0]
        return await desk.act(enrollment, steps, at=at)

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> Sequence[Happening] | None:
        """Let the case's desk note it."""
        return await self._desk(enrollment).hold(enrollment, step, reason, at=at)

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> End | None:
        """Let the case's desk note it."""
        return await self._desk(enrollment).finish(enrollment, end, path)

    def _desk(self, enrollment: str) -> WalkDesk:
        return self.of[enrollment][0]
