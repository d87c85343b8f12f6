"""A bulk enrollment lives on Temporal: paced, cancelled, killed and gone on with, and each person enters once."""

import json

import pytest
from temporalio.client import Client

from rapport.ports import BulkStanding
from tests.durable.lists import ListInMemory, handle, history_of, rests, working
from workflows.bulk_client import workflow_id
from workflows.bulk_enrollment import in_a_turn
from workflows.bulk_messages import BulkInput

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_everybody_enters_once_though_answers_get_lost(temporal: Client, candidate: str) -> None:
    """Pages whose answer was lost are not done again, and the history names nobody and holds no list."""
    desk = ListInMemory(total=95, crashes=2, crowded=3)
    async with working(temporal, desk, f"{candidate}-walks") as bulks:
        await bulks.start(candidate, sequence="welcome-engineering", per_minute=60_000)
        await bulks.start(candidate, sequence="welcome-engineering", per_minute=60_000)
        standing = await handle(temporal, candidate).result()
        history = await history_of(temporal, candidate)

    assert BulkStanding(cursor=95, total=95, entered=95, refused=0, over=True) == standing
    assert list(range(1, 96)) == desk.entered
    assert "people.example" not in history
    assert len(json.loads(history)["events"]) < 20


async def test_pace_is_kept_by_timers_of_the_walk(temporal: Client, candidate: str) -> None:
    """Sixty a minute are ten people every ten seconds, and nobody comes early."""
    desk = ListInMemory(total=30)
    async with working(temporal, desk, f"{candidate}-walks") as bulks:
        await bulks.start(candidate, sequence="welcome-engineering", per_minute=60)
        timers = await rests(temporal, candidate)
        entered = list(desk.entered)
        desk.cancelled = True
        assert "told" == await bulks.stir(candidate)
        standing = await handle(temporal, candidate).result()
        gone = await bulks.stir(candidate)

    assert list(range(1, 11)) == entered == desk.entered
    assert 9 < timers[0] <= 10
    assert (True, 10, "gone") == (standing.over, standing.cursor, gone)


async def test_long_lists_begin_fresh_histories(temporal: Client, candidate: str) -> None:
    """A hundred thousand people do not make one history that nobody can open."""
    desk = ListInMemory(total=2_010)
    async with working(temporal, desk, f"{candidate}-walks"):
        first = await temporal.start_workflow(
            "BulkEnrollment",
            BulkInput(bulk=candidate, sequence="welcome", per_minute=60_000, history_limit=1),
            id=workflow_id(candidate),
            task_queue=f"{candidate}-walks",
        )
        standing = await handle(temporal, candidate).result()
        last = await handle(temporal, candidate).describe()

    assert list(range(1, 2_011)) == desk.entered
    assert (2_010, True) == (standing.cursor, standing.over)
    assert first.first_execution_run_id != last.run_id
    assert {1_000, 2_000, 3_000} == set(desk.asked)


async def test_terminated_workflow_goes_on_where_the_list_stands(temporal: Client, candidate: str) -> None:
    """Ops may terminate it; the same command begins it again, and nobody enters twice."""
    desk = ListInMemory(total=25)
    async with working(temporal, desk, f"{candidate}-walks") as bulks:
        await bulks.start(candidate, sequence="welcome", per_minute=60)
        await rests(temporal, candidate)
        await handle(temporal, candidate).terminate()
        await bulks.start(candidate, sequence="welcome", per_minute=60_000)
        standing = await handle(temporal, candidate).result()

    assert (25, True) == (standing.cursor, standing.over)
    assert list(range(1, 26)) == desk.entered


async def test_begun_again_it_rests_for_one_turn_and_not_for_all_before(temporal: Client, candidate: str) -> None:
    """Three thousand people who had their turn before a termination do not hold up the others for five minutes."""
    desk = ListInMemory(total=5_000, entered=list(range(1, 3_001)))
    async with working(temporal, desk, f"{candidate}-walks") as bulks:
        await bulks.start(candidate, sequence="welcome", per_minute=600)
        timers = await rests(temporal, candidate)
        desk.cancelled = True
        await bulks.stir(candidate)
        await handle(temporal, candidate).result()

    assert 9 < timers[0] <= 10


@pytest.mark.parametrize(
    ("per_minute", "people"), [(1, 1), (5, 1), (60, 10), (600, 100), (6_000, 1_000), (60_000, 1_000)]
)
async def test_a_turn_is_ten_seconds_of_the_pace(per_minute: int, people: int) -> None:
    """Slow lists go person by person, fast ones a thousand at a time."""
    assert people == in_a_turn(per_minute)
