"""People who walk `welcome-engineering` in a second: a desk for both engines, where every wait is over in a moment."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from rapport.clock import SystemClock
from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.dsl.workspace import load_workspace
from rapport.engine.gatekeeper import without_policy
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from rapport.engine.world import Enrolled, World

SEQUENCE = "welcome-engineering"
# Every way through it: silent and cold, clicks and is hot, replies, applies, and a mail that a window holds back.
PARTS = ("silent", "clicks", "replies", "applies", "held")
# What happens to whom as soon as their walk waits at a step.
_DEEDS: Mapping[str, Mapping[str, str]] = {
    "clicks": {"read-window": "clicked"},
    "replies": {"read-window": "clicked", "pause-month": "replied"},
    "applies": {"read-window": "applied"},
}
_MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
# Longer than a walk is at work before it waits, or there would be no timer to measure.
_QUICK = timedelta(seconds=0.3)
# Far beyond what a walk needs to come to rest, so that what happens always meets a walk at rest.
_UNTIL_REST = 0.05
_LONG = timedelta(minutes=10)
_HOT = {"country": "DE", "score": 38, "timezone": "Europe/Berlin"}
_COLD = {"country": "DE", "score": 0, "timezone": "Europe/Berlin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """The sequence that this repository ships."""

    plan: Plan
    project: Project
    version: str


def shipped() -> Shipped:
    """Read it."""
    workspace = load_workspace(Path(__file__).parents[1] / "sequences")
    checked = workspace.sequences[SEQUENCE]
    assert workspace.project is not None  # noqa: S101  # ours has one
    # Weeks of mails go by in a second, and all of them are to go.
    project = without_policy(workspace.project)
    return Shipped(plan=checked.plan, project=project, version=checked.version)


def enrollment_of(side: str, part: str, number: int) -> str:
    """The id of a walk: equally long for both sides."""
    return f"{SEQUENCE}/c_{side[0]}_{part}_{number:06}/1"


@dataclass(slots=True, kw_only=True)
class Crowd:
    """A desk for many people: the world of the simulator for each, asked as if it were a Monday morning.

    Rules are computed as always; only the length of a wait is not theirs, and what people do happens by itself.
    """

    shipped: Shipped
    client: Client
    clock: SystemClock = field(default_factory=SystemClock)
    began: datetime = field(default_factory=SystemClock().now)
    worlds: dict[str, World] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        """In a moment, or when the person has done what they are to do here."""
        await self._world(enrollment).due(enrollment, step, since=self._monday(since), at=self._monday(at))
        kind = _DEEDS.get(_part(enrollment), {}).get(step)
        if kind is None:
            return Due(at=self.clock.now() + _QUICK)
        deed = asyncio.create_task(self._happen(enrollment, kind, at))
        self.tasks.add(deed)
        deed.add_done_callback(self.tasks.discard)
        return Due(at=self.clock.now() + _LONG)

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        """Ask the world."""
        return await self._world(enrollment).decide(enrollment, step, at=self._monday(at))

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        """Ask the world; one person's second mail is held back for a moment."""
        gate = await self._world(enrollment).gate(enrollment, step, at=self._monday(at))
        if _part(enrollment) == "held" and step.startswith("nudge"):
            return Gate(verdict="hold", until=self.clock.now() + _QUICK, reason="office-hours")
        return gate

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        """Ask the world."""
        return await self._world(enrollment).consent(enrollment, at=self._monday(at))

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """Ask the world."""
        return await self._world(enrollment).missed(enrollment, step, since=self._monday(since), at=self._monday(at))

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send it, once; the one who was held back is let through, by either engine."""
        return await self._world(enrollment).send(enrollment, step, at=self._monday(at))

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Do it; what the act caused is of this very moment."""
        outcome = await self._world(enrollment).act(enrollment, steps, at=self._monday(at))
        return replace(outcome, heard=tuple(replace(happening, at=at) for happening in outcome.heard))

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> None:
        """Note that the walk stands still: a fault of this benchmark."""
        raise AssertionError(enrollment, step, reason, at)

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> None:
        """Record the end, and forget the person: memory is measured elsewhere."""
        await self._world(enrollment).finish(enrollment, end, path)
        del self.worlds[enrollment]

    async def _happen(self, enrollment: str, kind: str, at: datetime) -> None:
        await asyncio.sleep(_UNTIL_REST)
        step = None if kind == "applied" else "welcome"
        happening = Happening(id=f"{enrollment}/{kind}", kind=kind, at=at, step=step)
        await self.client.get_workflow_handle(enrollment).signal("happened", [happening.to_json()])

    def _monday(self, at: datetime) -> datetime:
        return at - self.began + _MONDAY

    def _world(self, enrollment: str) -> World:
        world = self.worlds.get(enrollment)
        if world is None:
            candidate: dict[str, Any] = {"id": enrollment.split("/")[1]}
            candidate.update(_HOT if _part(enrollment) == "clicks" else _COLD)
            world = World(project=self.shipped.project, candidate=candidate, consents={"nurture": None})
            world.enrollments[enrollment] = Enrolled(plan=self.shipped.plan, at=_MONDAY)
            self.worlds[enrollment] = world
        return world


def _part(enrollment: str) -> str:
    return enrollment.split("/")[1].split("_")[2]
