"""The outbox's way to Temporal: what dispatchers say, in the words of the typed client."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from rapport.engine.happening import Happening
from rapport.usecases.dispatch import Command, Told
from workflows import policies
from workflows.client import Walks
from workflows.messages import WalkInput

# A refused command has been heard: it makes no sense any more, and asking again changes nothing.
_TOLD: Mapping[str, Told] = {"applied": "told", "refused": "told", "gone": "gone", "unconfirmed": "later"}


class TemporalWalks:
    """The walks of a Temporal namespace, as `rapport.usecases.dispatch.Dispatcher` reaches them."""

    def __init__(self, walks: Walks) -> None:
        """Wrap the typed client."""
        self._walks = walks

    async def start(self, walk: Mapping[str, Any]) -> None:
        """Start a walk from the JSON that the outbox holds."""
        priority = policies.BULK if walk.get("bulk") else policies.USUAL
        await self._walks.start(walk_input(walk), title=str(walk.get("title") or walk["sequence"]), priority=priority)

    async def tell(self, enrollment: str, happenings: Sequence[Happening]) -> Literal["told", "gone"]:
        """Tell a walk what happened."""
        return await self._walks.tell(enrollment, happenings)

    async def command(self, enrollment: str, kind: Command, identity: str, *, at: datetime) -> Told:
        """Command a walk."""
        return _TOLD[(await self._walks.command(enrollment, kind, identity, at=at)).status]


class Works(Protocol):
    """Something that works beside the walks."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        ...


async def tell_all(stop: asyncio.Event, *workers: Works) -> None:
    """Let all of them work until `stop`: they empty outboxes, do errands, and keep segments and schedules current."""
    async with asyncio.TaskGroup() as telling:
        for worker in workers:
            telling.create_task(worker.run(stop))


def walk_input(walk: Mapping[str, Any]) -> WalkInput:
    """The input of a walk; what a release does not know it leaves out."""
    return WalkInput(
        enrollment=walk["enrollment"],
        plan=walk["plan"],
        enrolled_at=datetime.fromisoformat(walk["enrolled_at"]),
        sequence=walk["sequence"],
        version=walk["version"],
        owner=walk["owner"],
        shift=walk.get("shift", 0.0),
        event=walk.get("event"),
    )
