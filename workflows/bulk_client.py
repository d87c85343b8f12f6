"""Bulk enrollments from the outside: begin one, stir one."""

from typing import Literal

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows import policies
from workflows.bulk_messages import BulkInput
from workflows.queues import WALKS
from workflows.search_attributes import SEQUENCE, STATE


class Bulks:
    """The bulk enrollments of one Temporal namespace."""

    def __init__(self, client: Client, queue: str = WALKS) -> None:
        """Share the client."""
        self._client, self._queue = client, queue

    async def start(self, bulk: str, *, sequence: str, per_minute: int) -> None:
        """Begin it unless it is running; one that was terminated is begun again and goes on where its list stands."""
        values = (SearchAttributePair(SEQUENCE, sequence), SearchAttributePair(STATE, "started"))
        await self._client.start_workflow(
            "BulkEnrollment",
            BulkInput(bulk=bulk, sequence=sequence, per_minute=per_minute),
            id=workflow_id(bulk),
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=TypedSearchAttributes(values),
            static_summary=policies.label(f"Bulk enrollment in {sequence}"),
            priority=policies.priority(sequence, policies.BULK),
        )

    async def stir(self, bulk: str) -> Literal["told", "gone"]:
        """Let it look at the store now; `gone` when it is not running."""
        try:
            await self._client.get_workflow_handle(workflow_id(bulk)).signal("stir")
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return "gone"
            raise
        return "told"


def workflow_id(bulk: str) -> str:
    """The id of its workflow: `bulk-enrollment/b_…`."""
    return f"bulk-enrollment/{bulk}"
