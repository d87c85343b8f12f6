"""People may stop, pause and repair a walk; what makes no sense is refused with a reason and leaves no trace."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.client import Client

from rapport.engine.happening import Happening
from rapport.engine.lot import turn
from tests.durable.sequences import HELD_BY_WEBHOOK, scenario
from tests.durable.stage import on_stage
from workflows.client import Answer, Walks

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAIT = "Wait 7 days for a click on welcome"
HELD = {"mocks": {"tell-desk": {"fails": True}}}


async def test_refusals_say_why_and_leave_no_event(temporal: Client, candidate: str) -> None:
    """Resuming what is not paused, retrying what is not held, a reason that could name a person: refused."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits(WAIT)
        before = Counter(event["eventType"] for event in json.loads(await stage.history())["events"])
        answers = [
            await stage.walks.command(stage.enrollment, "resume", "command/1"),
            await stage.walks.command(stage.enrollment, "retry", "command/2"),
            await stage.walks.command(stage.enrollment, "skip", "command/3"),
            await stage.walks.command(stage.enrollment, "cancel", "command/4", reason="Ana called me"),
        ]
        after = Counter(event["eventType"] for event in json.loads(await stage.history())["events"])

        reasons = ["not-paused", "not-held", "not-held", "bad-reason"]
        assert [Answer(status="refused", reason=reason) for reason in reasons] == answers
        assert before == after


async def test_paused_walk_stands_still_until_resumed(temporal: Client, candidate: str) -> None:
    """No mail leaves during a pause; afterwards it is this walk's turn within a quarter of an hour."""
    cold = scenario(candidate={"id": candidate, "score": 0}, variants={"subject-test": "short"})
    async with on_stage(temporal, cold) as stage:
        begins = stage.scenario.start.instant
        await stage.start()
        await stage.waits(WAIT)
        paused = await stage.walks.command(stage.enrollment, "pause", "command/1")
        twice = await stage.walks.command(stage.enrollment, "pause", "command/2")
        await stage.go_to(begins + timedelta(days=9))
        mails_during = len(stage.world.mails)
        at = begins + timedelta(days=9)
        resumed = await stage.walks.command(stage.enrollment, "resume", "command/3", at=at)
        await stage.go_to_end()

        assert (Answer(status="applied"), Answer(status="refused", reason="already-paused")) == (paused, twice)
        assert Answer(status="applied") == resumed
        assert 1 == mails_during
        assert ["welcome", "nudge-short", "check-in"] == [mail.what for mail in stage.world.mails]
        assert at + turn(stage.enrollment) == stage.world.mails[1].at


async def test_exit_ends_a_paused_walk(temporal: Client, candidate: str) -> None:
    """Whoever answers during a pause has answered."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits(WAIT)
        await stage.walks.command(stage.enrollment, "pause", "command/1")
        at = stage.scenario.start.instant + timedelta(seconds=30)
        await stage.walks.tell(stage.enrollment, [Happening(id="reply/1", kind="replied", at=at, step="welcome")])
        result = await stage.walks.handle(stage.enrollment).result()

        assert ("replied", at) == (result.end, result.at)


async def test_cancelled_walk_ends_there(temporal: Client, candidate: str) -> None:
    """Cancelling ends the walk as such, and cancelling again finds nothing to cancel."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits(WAIT)
        answer = await stage.walks.command(stage.enrollment, "cancel", "command/1", reason="duplicate-person")
        result = await stage.walks.handle(stage.enrollment).result()
        again = await stage.walks.command(stage.enrollment, "cancel", "command/2")

        assert (Answer(status="applied"), "cancelled") == (answer, result.end)
        assert Answer(status="gone") == again
        end = stage.world.enrollments[stage.enrollment].end
        assert end is not None
        assert ("cancelled", result.at) == (end.name, end.at)


async def test_walk_cancelled_in_temporal_ends_in_the_store_too(temporal: Client, candidate: str) -> None:
    """Who presses Cancel on Temporal's pages ends the walk for everybody, and no list shows it as running."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits(WAIT)
        await stage.walks.handle(stage.enrollment).cancel()
        result = await stage.walks.handle(stage.enrollment).result()

        end = stage.world.enrollments[stage.enrollment].end
        assert end is not None
        assert ("cancelled", "cancelled") == (result.end, end.name)


async def test_held_walk_tries_again_and_can_be_skipped(temporal: Client, candidate: str) -> None:
    """A webhook that fails holds the walk; a person says retry, it fails again, and a person says skip."""
    async with on_stage(temporal, scenario(HELD_BY_WEBHOOK, candidate={"id": candidate}, **HELD)) as stage:
        await stage.start()
        await stage.waits("Held at tell-desk")
        retried = await stage.walks.command(stage.enrollment, "retry", "command/1")
        await stage.waits("Held at tell-desk")
        skipped = await stage.walks.command(stage.enrollment, "skip", "command/2")
        result = await stage.walks.handle(stage.enrollment).result()

        assert [Answer(status="applied")] * 2 == [retried, skipped]
        assert [("tell-desk", "skipped")] == [(step, outcome) for step, _, outcome in result.path]
        assert ["tell-desk", "tell-desk"] == [hold.step for hold in stage.world.holds]


async def test_command_that_nobody_confirms_may_be_sent_again(temporal: Client, candidate: str) -> None:
    """While no worker runs, a pause is not confirmed; sent again with the same id, it counts once."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        idle = Walks(temporal, queue="nobody-walks")
        await idle.start(stage.input(), title="Nobody works here")
        answer = await idle.command(stage.enrollment, "pause", "command/1", patience=timedelta(milliseconds=300))

        assert Answer(status="unconfirmed") == answer
        await idle.handle(stage.enrollment).terminate()
