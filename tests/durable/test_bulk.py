"""A bulk enrollment lives on Temporal: paced, cancelled, killed and gone on with, and each person enters once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from temporalio.client import Client, WorkflowHandle

from rapport.engine.world import World
from rapport.ports import BulkStanding
from tests.durable.sequences import scenario
from worker.run import serve
from workflows.bulk_client import Bulks, workflow_id
from workflows.bulk_enrollment import in_a_turn
from workflows.bulk_messages import BulkInput

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = 10


@dataclass(kw_only=True)
class ListInMemory:
    """A `BulkDesk` whose list is numbers; `crashes` breaks it after a page was done, as a killed worker does."""

    total: int
    entered: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    crashes: int = 0
    crowded: int = 0
    cancelled: bool = False

    async def enroll_page(self, bulk: str, *, up_to: int) -> BulkStanding:
        """Let ten in."""
        del bulk
        self.asked.append(up_to)
        if self.crowded:
            self.crowded -= 1
            return self._standing(crowded=True)
        if not self.cancelled:
            cursor = len(self.entered)
            self.entered += range(cursor + 1, min(cursor + PAGE, up_to, self.total) + 1)
        if self.crashes:
            self.crashes -= 1
            raise ConnectionError("ana@people.example was written, and the answer is lost")
        return self._standing()

    def _standing(self, *, crowded: bool = False) -> BulkStanding:
        cursor = len(self.entered)
        over = self.cancelled or cursor == self.total
        return BulkStanding(cursor=cursor, total=self.total, entered=cursor, refused=0, over=over, crowded=crowded)


@asynccontextmanager
async def working(client: Client, desk: ListInMemory, queue: str) -> AsyncIterator[Bulks]:
    """A worker for this bulk enrollment alone."""
    stop = asyncio.Event()
    world: World = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, bulk=desk))
    try:
        yield Bulks(client, queue)
    finally:
        stop.set()
        await serving


def handle(client: Client, bulk: str) -> WorkflowHandle[object, BulkStanding]:
    """Its workflow."""
    return client.get_workflow_handle(workflow_id(bulk), result_type=BulkStanding)


async def history_of(client: Client, bulk: str) -> str:
    """The whole history of its last run."""
    return (await handle(client, bulk).fetch_history()).to_json()


async def rests(client: Client, bulk: str) -> list[float]:
    """Wait until it waits; for how many seconds."""
    async with asyncio.timeout(20):
        while not (timers := await _timers(client, bulk)):  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.05)
    return timers


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


async def _timers(client: Client, bulk: str) -> list[float]:
    """How many seconds each timer was set for."""
    events = json.loads(await history_of(client, bulk))["events"]
    found = [event.get("timerStartedEventAttributes") for event in events]
    return [float(timer["startToFireTimeout"].rstrip("s")) for timer in found if timer]


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


@pytest.mark.parametrize(
    ("per_minute", "people"), [(1, 1), (5, 1), (60, 10), (600, 100), (6_000, 1_000), (60_000, 1_000)]
)
async def test_a_turn_is_ten_seconds_of_the_pace(per_minute: int, people: int) -> None:
    """Slow lists go person by person, fast ones a thousand at a time."""
    assert people == in_a_turn(per_minute)
