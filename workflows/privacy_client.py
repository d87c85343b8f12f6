"""Erasures and the retention sweep from the outside."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.common import WorkflowIDConflictPolicy

from workflows import policies
from workflows.privacy_messages import ErasureInput, SweepInput
from workflows.queues import WALKS

SWEEP = "retention-sweep"
# At night in Europe and in the morning in India; an odd minute, because everybody else takes the full hour.
_DAILY = ScheduleCalendarSpec(hour=[ScheduleRange(2)], minute=[ScheduleRange(23)])
# A sweep that was missed while Temporal was away is made up for within the day.
_CATCH_UP = timedelta(days=1)


class Erasures:
    """The erasures of one Temporal namespace."""

    def __init__(self, client: Client, queue: str = WALKS) -> None:
        """Share the client."""
        self._client, self._queue = client, queue

    async def start(self, request: str) -> None:
        """Begin to finish one, unless that is under way."""
        await self._client.start_workflow(
            "Erasure",
            ErasureInput(request=request),
            id=f"erasure/{request}",
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=policies.label("Erasure"),
        )


async def sweep_daily(client: Client, *, queue: str = WALKS) -> None:
    """Have everybody judged by the retention policy once a day; an older release's schedule is brought up to date."""
    schedule = _schedule(queue)
    try:
        await client.create_schedule(SWEEP, schedule)
    except ScheduleAlreadyRunningError:
        # Whether ops have paused it stays as it is.
        await client.get_schedule_handle(SWEEP).update(
            lambda known: ScheduleUpdate(
                schedule=Schedule(
                    action=schedule.action,
                    spec=schedule.spec,
                    policy=schedule.policy,
                    state=known.description.schedule.state,
                )
            )
        )


def _schedule(queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            "RetentionSweep",
            SweepInput(),
            id=SWEEP,
            task_queue=queue,
            static_summary=policies.label("Retention sweep"),
        ),
        spec=ScheduleSpec(calendars=[_DAILY]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )
