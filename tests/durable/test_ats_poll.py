"""An ATS is polled for as long as anybody runs a worker, and the history holds nothing of what is read."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client

from tests.durable.polls import PagesInMemory, working
from workflows.ats_messages import PollInput
from workflows.ats_schedules import poll_regularly

pytestmark = pytest.mark.asyncio(loop_scope="session")
_PATIENCE_SECONDS = 20


async def test_a_poll_reads_all_pages_however_many_histories_it_takes(temporal: Client, candidate: str) -> None:
    """A first poll of a large ATS has thousands of pages."""
    desk, queue = PagesInMemory(pages=45, failures=1), f"{candidate}-walks"
    async with working(temporal, desk, queue):
        poll = PollInput(connection=candidate, history_limit=12)
        handle = await temporal.start_workflow("AtsPoll", poll, id=candidate, task_queue=queue, result_type=PollInput)
        result = await handle.result()
        history = (await handle.fetch_history()).to_json()

    assert [candidate] * 45 == desk.read
    assert (90, 45) == (result.people, result.jobs)
    assert "people.example" not in history


async def test_each_connection_is_polled_by_a_schedule_of_its_own(temporal: Client, candidate: str) -> None:
    """The first poll is at once; a paused schedule stays paused, and one that nobody wants is gone."""
    desk, queue = PagesInMemory(pages=1), f"{candidate}-walks"
    name = candidate[:40]
    handle = temporal.get_schedule_handle(f"rapport/ats-poll/{name}")
    async with working(temporal, desk, queue):
        await poll_regularly(temporal, [name], every=timedelta(minutes=10), queue=queue)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await desk.over.wait()
    await handle.pause()
    await poll_regularly(temporal, [name], every=timedelta(minutes=5), queue=queue)
    schedule = (await handle.describe()).schedule
    assert ([timedelta(minutes=5)], True) == ([each.every for each in schedule.spec.intervals], schedule.state.paused)

    await poll_regularly(temporal, [], every=timedelta(minutes=5), queue=queue)

    with pytest.raises(Exception, match="not found"):
        await handle.describe()
