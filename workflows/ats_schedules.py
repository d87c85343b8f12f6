"""The schedules by which ATS connections are polled."""

from collections.abc import Callable, Collection
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from workflows import policies
from workflows.ats_messages import PollInput
from workflows.queues import WALKS

_PREFIX = "rapport/ats-poll/"


async def poll_regularly(client: Client, connections: Collection[str], *, every: timedelta, queue: str = WALKS) -> None:
    """Have each connection read `every` so long, and no other one; zero polls none.

    A schedule that is there is brought up to date, and stays paused if ops have paused it.
    """
    wanted = {f"{_PREFIX}{name}": name for name in connections} if every else {}
    for identity, name in wanted.items():
        await _ensure(client, identity, _schedule(name, every, queue))
    async for found in await client.list_schedules():
        if found.id.startswith(_PREFIX) and found.id not in wanted:
            await client.get_schedule_handle(found.id).delete()


async def _ensure(client: Client, identity: str, schedule: Schedule) -> None:
    try:
        await client.create_schedule(identity, schedule, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(identity).update(_updated(schedule))


def _updated(schedule: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def update(known: ScheduleUpdateInput) -> ScheduleUpdate:
        state = known.description.schedule.state
        return ScheduleUpdate(
            schedule=Schedule(action=schedule.action, spec=schedule.spec, policy=schedule.policy, state=state)
        )

    return update


def _schedule(connection: str, every: timedelta, queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            "AtsPoll",
            PollInput(connection=connection),
            id=f"ats-poll/{connection}",
            task_queue=queue,
            static_summary=policies.label(f"Poll of the ATS {connection}"),
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        # A poll that is still at work goes on where it is; one that was missed is made up for by the next.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=every),
    )
