"""Which walks Temporal runs, and what it knows of those that should be under way and do not run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from workflows.client import Walks, answering
from workflows.messages import WalkResult

_RUNNING = 'WorkflowType = "Sequence" AND ExecutionStatus = "Running"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """A walk that does not run: `unknown` to Temporal, or how its workflow ended; `result` when it came to its end."""

    enrollment: str
    status: str
    result: WalkResult | None = None


class Fates:
    """The fates of walks in one Temporal namespace; TemporalUnavailable when the server does not answer."""

    def __init__(self, client: Client) -> None:
        """Share the client."""
        self._client, self._walks = client, Walks(client)

    async def count_running(self) -> int:
        """How many walks run, as Temporal's lists have it, which may be some seconds late."""
        async with answering(self._client):
            return (await self._client.count_workflows(_RUNNING)).count

    async def running(self) -> set[str]:
        """The walks that run, as Temporal's lists have it, which may be some seconds late."""
        async with answering(self._client):
            return {execution.id async for execution in self._client.list_workflows(_RUNNING)}

    async def of_missing(self, enrollments: Collection[str]) -> Sequence[Fate]:
        """The fate of each of these that does not run; lists are late, so that who is missing there is looked at."""
        listed = await self.running()
        async with answering(self._client):
            fates = [await self._fate(name) for name in enrollments if name not in listed]
        return [fate for fate in fates if fate is not None]

    async def _fate(self, enrollment: str) -> Fate | None:
        handle = self._walks.handle(enrollment)
        try:
            status = (await handle.describe()).status
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Fate(enrollment=enrollment, status="unknown")
            raise
        match status:
            case WorkflowExecutionStatus.RUNNING | None:
                return None
            case WorkflowExecutionStatus.COMPLETED:
                return Fate(enrollment=enrollment, status="completed", result=await handle.result())
            case other:
                return Fate(enrollment=enrollment, status=other.name.lower().replace("_", " "))
