"""Walks from the outside: start them, tell them, command them, ask them; every answer is a value."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from rapport.engine.happening import Happening
from workflows import policies
from workflows.connection import TemporalUnavailable
from workflows.messages import Command, CommandKind, Position, WalkInput, WalkResult
from workflows.queues import WALKS
from workflows.search_attributes import at_start

Told: TypeAlias = Literal["told", "gone"]

# Temporal's way of saying "later": the caller's row stays where it is and is tried again.
_LATER = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.ABORTED,
)
# A worker answers in milliseconds; whoever asks for longer finds no worker.
_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a command: `applied`, `refused` (with a stable reason), `gone` (no such walk is running).

    `unconfirmed`: no worker answered in time; the same command with the same id may be sent again.
    """

    status: Literal["applied", "refused", "gone", "unconfirmed"]
    reason: str = ""


class Walks:
    """The walks on one queue of one Temporal namespace; TemporalUnavailable when the server does not answer."""

    def __init__(self, client: Client, queue: str = WALKS) -> None:
        """Share the client: it is one connection."""
        self._client = client
        self._queue = queue

    async def start(self, walk: WalkInput, *, title: str, priority: int = policies.USUAL) -> None:
        """Start a walk; one that was started before, running or at its end, counts as started.

        One that was broken off, by terminating it for instance, begins again.
        `title` is the sequence's title; `priority` is 1 (goes first) to 5.
        """
        async with answering(self._client):
            try:
                await self._client.start_workflow(
                    "Sequence",
                    walk,
                    id=walk.enrollment,
                    task_queue=self._queue,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    search_attributes=at_start(walk),
                    static_summary=policies.label(f"{title} ({walk.sequence})"),
                    priority=policies.priority(walk.sequence, priority),
                    result_type=WalkResult,
                )
            except WorkflowAlreadyStartedError:
                return

    async def tell(self, enrollment: str, happenings: Sequence[Happening]) -> Told:
        """Tell a walk what happened; `gone` when it is over or unknown, so that nobody needs to tell it again."""
        async with answering(self._client):
            try:
                await self.handle(enrollment).signal("happened", [happening.to_json() for happening in happenings])
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return "gone"
                raise
        return "told"

    async def command(  # one parameter for each part of a command
        self,
        enrollment: str,
        kind: CommandKind,
        identity: str,
        *,
        at: datetime | None = None,
        reason: str | None = None,
        patience: timedelta = _PATIENCE,
    ) -> Answer:
        """Command a walk; the same identity applies once and is answered the same each time.

        `at` is walk time (now, when left out); `reason` is one word like `not-interested`.
        """
        async with answering(self._client):
            try:
                await self.handle(enrollment).execute_update(
                    kind, Command(id=identity, at=at, reason=reason), id=identity, rpc_timeout=patience
                )
            except WorkflowUpdateFailedError as error:
                return Answer(status="refused", reason=_reason(error))
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                return Answer(status="unconfirmed")
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return Answer(status="gone")
                raise
        return Answer(status="applied")

    async def position(self, enrollment: str, *, patience: timedelta = _PATIENCE) -> Position | None:
        """Where a walk is; None when Temporal does not know it (any more). Needs a worker that runs."""
        async with answering(self._client):
            try:
                found: Position = await self.handle(enrollment).query(
                    "position", result_type=Position, rpc_timeout=patience
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise
        return found

    def handle(self, enrollment: str) -> WorkflowHandle[object, WalkResult]:
        """Temporal's own handle of a walk."""
        return self._client.get_workflow_handle(enrollment, result_type=WalkResult)


@asynccontextmanager
async def answering(client: Client) -> AsyncIterator[None]:
    """Raise TemporalUnavailable for what means that the server does not answer now."""
    try:
        yield
    except RPCError as error:
        if error.status not in _LATER:
            raise
        raise TemporalUnavailable(
            address=client.service_client.config.target_host, problem=error.status.name
        ) from error


def _reason(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    return (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
