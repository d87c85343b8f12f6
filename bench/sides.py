"""Both engines behind one face: start a walk, run its worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.worker import Worker

from activities.walk import WalkActivities
from bench.cast import SEQUENCE, Shipped
from bench.handwritten import NAME, Welcome, WelcomeByHand
from rapport.clock import SystemClock
from rapport.ports import WalkDesk
from worker import run
from workflows import policies
from workflows.client import Walks
from workflows.messages import WalkInput
from workflows.queues import mail_queue
from workflows.search_attributes import at_start

Name: TypeAlias = Literal["ours", "hand"]
SIDES: tuple[Name, ...] = ("ours", "hand")
_OWNER = "anna-koch"
_TITLE = "Welcome to the engineering talent pool"


class Side(Protocol):
    """One engine."""

    async def start(self, enrollment: str) -> None:
        """Start a walk."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our engine, by its typed client."""

    client: Client
    shipped: Shipped

    async def start(self, enrollment: str) -> None:
        """Start a walk."""
        await Walks(self.client, queue_of("ours")).start(walk_input(self.shipped, enrollment), title=_TITLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """The workflow written by hand, started with the same attributes, labels and policies."""

    client: Client
    shipped: Shipped

    async def start(self, enrollment: str) -> None:
        """Start a walk."""
        same = walk_input(self.shipped, enrollment)
        await self.client.start_workflow(
            NAME,
            Welcome(enrollment=enrollment, enrolled_at=same.enrolled_at, owner=_OWNER),
            id=enrollment,
            task_queue=queue_of("hand"),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=at_start(same),
            static_summary=policies.label(f"{_TITLE} ({SEQUENCE})"),
            priority=policies.priority(SEQUENCE),
        )


def side_of(name: Name, client: Client, shipped: Shipped) -> Side:
    """The side of this name."""
    return Ours(client=client, shipped=shipped) if name == "ours" else Hand(client=client, shipped=shipped)


def queue_of(name: Name) -> str:
    """The queue of a side's walks."""
    return f"{name}-walks"


def walk_input(shipped: Shipped, enrollment: str) -> WalkInput:
    """What our walk is started with."""
    return WalkInput(
        enrollment=enrollment,
        plan=shipped.plan.source,
        enrolled_at=SystemClock().now(),
        sequence=SEQUENCE,
        version=shipped.version,
        owner=_OWNER,
    )


@asynccontextmanager
async def working(name: Name, client: Client, desk: WalkDesk) -> AsyncIterator[None]:
    """Run a side's worker: ours as `rapport worker` does, the other with the same limits."""
    if name == "hand":
        walks, mails = _workers_by_hand(client, desk)
        async with walks, mails:
            yield
        return
    stop = asyncio.Event()
    serving = asyncio.create_task(run.serve(desk, client=client, stop=stop, queue=queue_of("ours")))
    try:
        yield
    finally:
        stop.set()
        await serving


def _workers_by_hand(client: Client, desk: WalkDesk) -> tuple[Worker, Worker]:
    activities = WalkActivities(desk)
    effects: list[Any] = [activities.due, activities.decide, activities.gate, activities.apply_effects]
    walks = Worker(
        client,
        task_queue=queue_of("hand"),
        workflows=[WelcomeByHand],
        activities=[*effects, activities.finish_walk],
        # The same limits as ours, or the comparison would be of them.
        max_cached_workflows=run._CACHED_WALKS,  # noqa: SLF001
        max_concurrent_workflow_tasks=run._WALKS_AT_ONCE,  # noqa: SLF001
        max_concurrent_local_activities=run._READS_AT_ONCE,  # noqa: SLF001
        max_concurrent_activities=run._EFFECTS_AT_ONCE,  # noqa: SLF001
    )
    mails = Worker(
        client,
        task_queue=mail_queue(queue_of("hand")),
        activities=[activities.send_email],
        max_concurrent_activities=run._MAILS_AT_ONCE,  # noqa: SLF001
    )
    return walks, mails
