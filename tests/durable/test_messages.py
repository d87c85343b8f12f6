"""What is said to a walk counts once, is never lost, and is refused with a reason where it makes no sense."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client

from rapport.engine.happening import Happening
from tests.durable.sequences import MANY_STEPS, scenario
from tests.durable.stage import Stage, on_stage
from workflows.client import Answer

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The forty steps are 240 events: three fresh histories on the way, each after at least a second (the server's rule).
SHORT = 70
WAIT = "Wait 7 days for a click on welcome"


def said(stage: Stage, number: int, name: str = "hello") -> Happening:
    """One thing that happened a little after the walk began."""
    at = stage.scenario.start.instant + timedelta(seconds=1)
    return Happening(id=f"said/{number}", kind="custom", at=at, detail={"name": f"{name}-{number}"})


async def seen(stage: Stage) -> list[str]:
    """The ids of what we said that the walk has heard."""
    position = await stage.walks.position(stage.enrollment)
    assert position is not None
    return [name for name in position.state["seen"] if name.startswith("said/")]


async def test_event_that_comes_twice_counts_once(temporal: Client, candidate: str) -> None:
    """A provider that delivers a click twice tells us of one click."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits(WAIT)
        for _ in range(3):
            await stage.walks.tell(stage.enrollment, [said(stage, 1), said(stage, 1), said(stage, 2)])

        assert ["said/1", "said/2"] == await seen(stage)


async def test_starting_twice_starts_once(temporal: Client, candidate: str) -> None:
    """A start that is repeated, even after the end, neither fails nor begins the sequence again."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.start()
        await stage.act_out()
        await stage.start()

        assert 1 == [mail.what for mail in stage.world.mails].count("welcome")


async def test_telling_a_walk_that_is_over_or_unknown_says_gone(temporal: Client, candidate: str) -> None:
    """A click after the end of the sequence is nobody's business any more, and no error."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        unknown = await stage.walks.tell("welcome-engineering/c_nobody/1", [said(stage, 1)])
        await stage.start()
        running = await stage.walks.tell(stage.enrollment, [said(stage, 1)])
        await stage.act_out()
        over = await stage.walks.tell(stage.enrollment, [said(stage, 2)])

        assert ("gone", "told", "gone") == (unknown, running, over)
        assert Answer(status="gone") == await stage.walks.command(stage.enrollment, "pause", "command/1")
        assert None is await stage.walks.position("welcome-engineering/c_nobody/1")


async def test_nothing_is_lost_while_histories_change(temporal: Client, candidate: str) -> None:
    """A thousand messages and two hundred repetitions, while the walk starts fresh histories: each counts once."""
    async with on_stage(temporal, scenario(MANY_STEPS, candidate={"id": candidate})) as stage:
        await stage.start(history_limit=SHORT)
        for first in range(0, 1000, 10):
            # A repetition comes soon after its first, and often meets the next history.
            numbers = [*range(first, first + 10), max(first - 7, 0), max(first - 30, 0)]
            tells = [stage.walks.tell(stage.enrollment, [said(stage, n)]) for n in numbers]
            assert {"told"} == set(await asyncio.gather(*tells))
        position = await stage.waits("Wait 7 days for the event last-word")
        heard = [happening["id"] for happening in position.state["heard"] if happening["kind"] == "custom"]

        assert sorted(f"said/{n}" for n in range(1000)) == sorted(heard)
        assert len(set(position.state["seen"])) == len(position.state["seen"])
        assert 40 == len(stage.world.actions)
        first_run = await stage.walks.handle(stage.enrollment).describe()
        assert first_run.run_id != first_run.raw_description.workflow_execution_info.first_run_id


async def test_a_flood_at_one_wait_starts_fresh_histories(temporal: Client, candidate: str) -> None:
    """Whoever clicks a thousand times while a walk waits for weeks fills no history: Temporal would end the walk."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start(history_limit=SHORT // 3)
        await stage.waits(WAIT)
        for first in range(0, 60, 10):
            for number in range(first, first + 10):
                await stage.walks.tell(stage.enrollment, [said(stage, number)])
            await stage.waits(WAIT)
        position = await stage.waits(WAIT)
        run = await stage.walks.handle(stage.enrollment).describe()
        await stage.go_to_end()

        assert 60 == len(await seen(stage))
        assert stage.scenario.start.instant + timedelta(days=7) == position.until
        assert 1 == [mail.what for mail in stage.world.mails].count("welcome")
        assert run.run_id != run.raw_description.workflow_execution_info.first_run_id


async def test_command_that_was_applied_is_answered_the_same_in_the_next_history(
    temporal: Client, candidate: str
) -> None:
    """A resume that is delivered again after a fresh history is still the same resume."""
    async with on_stage(temporal, scenario(MANY_STEPS, candidate={"id": candidate})) as stage:
        await stage.start(history_limit=SHORT)
        first = await stage.walks.command(stage.enrollment, "pause", "command/1")
        await stage.waits("Paused")
        resumed = await stage.walks.command(stage.enrollment, "resume", "command/2")
        await stage.waits("Resumed")
        # After a resume each walk waits for its turn, at most a quarter of an hour.
        await stage.go_to(stage.scenario.start.instant + timedelta(minutes=16))
        await stage.waits("Wait 7 days for the event last-word")
        # A new resume would be refused: the walk is not paused any more.
        again = await stage.walks.command(stage.enrollment, "resume", "command/2")
        position = await stage.walks.position(stage.enrollment)

        assert [Answer(status="applied")] * 3 == [first, resumed, again]
        assert position is not None
        assert position.state["paused"] is False
