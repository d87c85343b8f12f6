"""A retention sweep outlives its worker: whoever is due is erased once, and Temporal's file names nobody."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleHandle
from temporalio.service import RPCError

from cli.publication import publication_of
from rapport.clock import SystemClock
from rapport.store import enrollments, privacy
from rapport.store.database import Store, Tx
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.privacy import PrivacyRequestRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.enroll import enroll
from rapport.usecases.publish import publish
from tests.kill.house import LOOK_EVERY, House, a_house
from tests.kill.receiver import Receiver
from tests.kill.waiting import PATIENCE_SECONDS, nothing_waits, until
from workflows.privacy_client import SWEEP

PEOPLE = [f"p{number}@people.test" for number in range(60)]
CLOCK = SystemClock()
_WALKING = 5
_LOOK_CLOSELY = 0.005


async def test_a_sweep_whose_worker_is_killed_goes_on(tmp_path: Path) -> None:
    """The worker dies in the middle of a page of people who are all due: each has one erasure, and all are done."""
    async with a_house(tmp_path, PEOPLE, Receiver(), workers=1) as house:
        walks = await _grow_old(house)
        await until(house.store, nothing_waits)
        client = await Client.connect(house.settings.temporal_address)
        await _scheduled(client.get_schedule_handle(SWEEP))
        await client.get_schedule_handle(SWEEP).trigger()
        await until(house.store, _some_are_gone, look_every=_LOOK_CLOSELY)
        await house.workers[0].kill()
        at_the_kill = await _gone(house.store)
        await until(house.store, _all_is_done)
        result = await _result(client.get_schedule_handle(SWEEP), client)
        async with house.store.read() as tx:
            records = Counter((await tx.scalars(select(PrivacyRequestRow.candidate))).all())
            ends = (await tx.scalars(select(EnrollmentRow.end_name).where(EnrollmentRow.id.in_(walks)))).all()
        in_temporal = b"people.test" in (tmp_path / "temporal.db").read_bytes()

    assert (1, True) == (house.workers[0].kills, 0 < at_the_kill < len(PEOPLE))
    assert (len(PEOPLE), 1) == (len(records), max(records.values()))
    assert ["erased"] * _WALKING == list(ends)
    # Also those whom the worker had erased before it died.
    assert (len(PEOPLE), len(PEOPLE)) == (result["erased"], result["looked"])
    assert not in_temporal


async def _grow_old(house: House) -> Sequence[str]:
    """Nobody has been heard of for years, a policy is published, and some have begun to walk; their walks."""
    planned = publication_of(house.workspace)
    project = {**planned.project, "retention": {"default": {"inactive": "700 days"}}}
    await publish(house.store, replace(planned, project=project), commit="test", at=CLOCK.now())
    async with house.store.write() as tx:
        await tx.execute(update(CandidateRow).values(recorded_at=CLOCK.now() - timedelta(days=800)))
        people = (await tx.scalars(select(CandidateRow.id).order_by(CandidateRow.id.desc()).limit(_WALKING))).all()
        begun = [
            await enroll(tx, CLOCK, sequence="crowd", candidate=each, at=CLOCK.now(), cause="a test") for each in people
        ]
    return [each.id for each in begun]


async def _some_are_gone(tx: Tx) -> bool:
    return await tx.scalar(select(CandidateRow.id).where(CandidateRow.erased_at.is_not(None)).limit(1)) is not None


async def _gone(store: Store) -> int:
    async with store.read() as tx:
        return await tx.scalar(select(func.count(CandidateRow.erased_at))) or 0


async def _all_is_done(tx: Tx) -> bool:
    """Whether everybody's erasure is done and every walk has ended."""
    done = select(func.count()).select_from(PrivacyRequestRow).where(PrivacyRequestRow.state == privacy.DONE)
    walking = select(EnrollmentRow.id).where(EnrollmentRow.state != enrollments.ENDED).limit(1)
    return await tx.scalar(done) == len(PEOPLE) and await tx.scalar(walking) is None


async def _scheduled(schedule: ScheduleHandle) -> None:
    """Wait until the worker has made the schedule."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await schedule.describe()
            except RPCError:
                await asyncio.sleep(LOOK_EVERY)
            else:
                return


async def _result(schedule: ScheduleHandle, client: Client) -> Any:
    """What the sweep says at its end."""
    [begun] = (await schedule.describe()).info.recent_actions
    assert isinstance(begun.action, ScheduleActionExecutionStartWorkflow)
    return await client.get_workflow_handle(begun.action.workflow_id).result()
