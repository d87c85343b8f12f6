"""The retention sweep on a real server: its schedule erases who is due, through the same workflow as every erasure."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow

from rapport.clock import SystemClock
from rapport.errors import TemporaryFailure
from rapport.ports import Delivery
from rapport.store import deliveries
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.enroll import enroll
from rapport.usecases.publish import publish
from tests.durable.rights import RightsInMemory, a_worker, until_done, working
from tests.durable.test_privacy import text_of
from tests.unit.store.worlds import PROJECT, a_person, a_publication, opened, url_of
from tests.unit.usecases.desks import Answering
from workflows.client import Walks
from workflows.privacy_client import SWEEP, sweep_daily
from workflows.privacy_messages import SweepInput

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
POLICY = f"{PROJECT}retention: {{default: {{inactive: 700 days}}}}\n"
FLOW = "{purpose: nurture, steps: [{id: rest, wait: 300 days}]}"
LAST = "Quixleywitz"
# Of a hundred and twenty people, who are two pages; the fourth walks and is not due.
DUE = ("c_003", "c_050", "c_110")
KEPT = "c_007"
_PATIENCE_SECONDS = 30


async def a_crowd(store: Store) -> Sequence[str]:
    """Publish a policy; of the many people some were heard of last when it was too long ago; the walks."""
    await publish(store, a_publication({"flow": FLOW}, project=POLICY), commit="c0ffee", at=CLOCK.now())
    walks = []
    async with store.write() as tx:
        for number in range(120):
            person = await a_person(tx, f"c_{number:03}", last_name=LAST)
            person.recorded_at = CLOCK.now() - timedelta(days=800 if person.id in DUE else 1)
        for who in (*DUE, KEPT):
            cause = "a test"
            walks.append((await enroll(tx, CLOCK, sequence="flow", candidate=who, at=CLOCK.now(), cause=cause)).id)
    return walks


async def until_all_walk(store: Store) -> None:
    """Wait until Temporal has heard of every walk."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            async with store.read() as tx:
                if not await deliveries.depth(tx):
                    return
            await asyncio.sleep(0.05)


async def triggered(client: Client, *, before: int) -> tuple[Any, str]:
    """Let the schedule sweep now, as its button in Temporal UI does; what came of it, and its history."""
    schedule = client.get_schedule_handle(SWEEP)
    await schedule.trigger()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while len(begun := (await schedule.describe()).info.recent_actions) <= before:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.05)
    action = begun[-1].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    sweep = client.get_workflow_handle(action.workflow_id, result_type=SweepInput)
    result = await sweep.result()
    return result, (await sweep.fetch_history()).to_json()


async def test_the_schedule_erases_who_is_due_and_stops_their_walks(temporal: Client, tmp_path: Path) -> None:
    """Three of 120 are erased through the workflow of erasures, the rest walk on, and Temporal knows ids only."""
    url = url_of(tmp_path / "rapport.db")
    await migrate(url)
    await sweep_daily(temporal)
    await sweep_daily(temporal)  # a second worker finds it
    async with opened(url) as store:
        mailer = Answering(Delivery(status="accepted", code=250))
        async with a_worker(store, temporal, mailer):
            walks = await a_crowd(store)
            await until_all_walk(store)

            first, swept = await triggered(temporal, before=0)

            async with store.read() as tx:
                records = (await tx.scalars(select(PrivacyRequestRow).order_by(PrivacyRequestRow.candidate))).all()
            for record in records:
                await until_done(store, record.id)
            ended = [await Walks(temporal).handle(walk).result() for walk in walks[:-1]]
            again, _ = await triggered(temporal, before=1)
            async with store.read() as tx:
                still = select(func.count()).select_from(EnrollmentRow).where(EnrollmentRow.ended_at.is_(None))
                walking = await tx.scalar(still)
                named = await tx.scalar(select(func.count(CandidateRow.last_name)))
        await Walks(temporal).handle(walks[-1]).terminate("over")
    await temporal.get_schedule_handle(SWEEP).delete()
    erasures = [temporal.get_workflow_handle(f"erasure/{record.id}") for record in records]
    histories = [swept, *[(await each.fetch_history()).to_json() for each in erasures]]

    assert ((120, 3), (117, 0)) == ((first.looked, first.erased), (again.looked, again.erased))
    assert [*DUE] == [record.candidate for record in records]
    assert ["erased"] * 3 == [result.end for result in ended]
    assert (1, 117) == (walking, named)
    assert [] == [word for word in (LAST, "people.example") for text in histories if word in text_of(text)]


async def test_a_sweep_goes_on_where_it_was_however_often_it_fails(temporal: Client, candidate: str) -> None:
    """Each page is asked for behind the last one, in as many histories as it takes, and no failure names anybody."""
    desk, queue = RightsInMemory(people=95, failures=1), f"{candidate}-walks"
    async with working(temporal, desk, queue):
        sweep = SweepInput(history_limit=12)
        handle = await temporal.start_workflow(
            "RetentionSweep", sweep, id=candidate, task_queue=queue, result_type=SweepInput
        )
        first = temporal.get_workflow_handle(candidate, run_id=handle.first_execution_run_id)
        result = await handle.result()
        history = text_of((await first.fetch_history()).to_json())

    assert ["", *(f"c_{number:04}" for number in range(10, 100, 10))] == desk.behind
    assert (95, 10, 20, 30) == (result.looked, result.erased, result.announced, result.asked)
    assert {first.first_execution_run_id or handle.first_execution_run_id} == desk.sweeps
    assert (TemporaryFailure.__name__ in history, "people.example" in history) == (True, False)
