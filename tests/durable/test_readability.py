"""Temporal UI speaks the marketer's language."""

import asyncio
import base64
import json
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client
from temporalio.worker import Replayer

from tests.durable.sequences import scenario
from tests.durable.stage import Stage, on_stage
from workflows.converter import walk_data_converter
from workflows.sequence import SequenceWalk

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAIT = "Wait 7 days for a click on welcome"


def summaries(history: str) -> dict[str, list[str]]:
    """The labels of a history by the type of their events."""
    found: dict[str, list[str]] = {}
    for event in json.loads(history)["events"]:
        payload = event.get("userMetadata", {}).get("summary")
        if payload:
            found.setdefault(event["eventType"], []).append(json.loads(base64.b64decode(payload["data"])))
    return found


async def shown(stage: Stage) -> str:
    """The current details of a walk."""
    handle = stage.walks.handle(stage.enrollment)
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def attributes(stage: Stage) -> dict[str, Any]:
    """Our search attributes of a walk by name; the server adds some of its own."""
    description = await stage.walks.handle(stage.enrollment).describe()
    pairs = description.typed_search_attributes
    return {pair.key.name: pair.value for pair in pairs if pair.key.name.startswith("Rapport")}


async def test_history_reads_like_the_sequence(temporal: Client, candidate: str) -> None:
    """Mails and waits in a timeline are called what the marketer wrote, and a held mail says why."""
    cold = scenario(
        candidate={"id": candidate, "score": 0},
        variants={"subject-test": "short"},
        when=[{"day 1": {"out_of_office": {"until": "day 21"}}}],
    )
    async with on_stage(temporal, cold) as stage:
        await stage.start()
        await stage.act_out()
        found = summaries(await stage.history())
        last = await attributes(stage)

    assert ["Welcome to the engineering talent pool (welcome-engineering)"] == found[
        "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"
    ]
    assert ["Send welcome", "Send nudge-short", "Send check-in", "Record the end: end"] == found[
        "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
    ]
    timers = found["EVENT_TYPE_TIMER_STARTED"]
    assert WAIT in timers
    assert "Hold nudge-short: out of office" in timers
    assert "Wait 30 days" in timers
    assert ("pause-month", "ended:end") == (last["RapportStep"], last["RapportState"])


async def test_details_say_where_the_person_is_and_what_comes_next(temporal: Client, candidate: str) -> None:
    """Whoever opens a walk in Temporal UI reads what it waits for, until when, and what happens then."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        position = await stage.waits(WAIT)
        details = await shown(stage)

    assert "read-window" == position.step
    assert details.splitlines() == [
        "- **Now:** Wait 7 days for a click on welcome (step `read-window`)",
        "- **Until:** Monday 2026-03-09 09:00 UTC",
        "- **After a click on welcome:** Add 5 to the score",
        "- **Otherwise:** Split subject-test",
        "- **So far:** `welcome` sent on 2026-03-02",
    ]


async def test_lists_filter_by_sequence_version_step_and_state(temporal: Client, candidate: str) -> None:
    """Ops find everybody who waits at a step, and a walk that is over says how it ended."""
    async with on_stage(temporal, scenario(candidate={"id": candidate}, when=[{"day 2": "applied"}])) as stage:
        await stage.start()
        await stage.waits(WAIT)
        waiting = await attributes(stage)
        query = f"RapportStep = 'read-window' AND RapportState = 'waiting' AND RapportCandidate = '{candidate}'"
        async with asyncio.timeout(10):  # lists are a moment behind
            while not [walk.id async for walk in temporal.list_workflows(query)]:
                pass
        await stage.act_out()
        over = await attributes(stage)

    assert {
        "RapportSequence": "welcome-engineering",
        "RapportVersion": "9f86d081884c",
        "RapportStep": "read-window",
        "RapportState": "waiting",
        "RapportOwner": "anna-koch",
        "RapportCandidate": candidate,
    } == waiting
    assert "ended:goal:applied" == over["RapportState"]


async def test_history_replays_with_the_code_that_wrote_it(temporal: Client, candidate: str) -> None:
    """A worker that has forgotten a walk finds its place again from the history alone."""
    hot = scenario(candidate={"id": candidate}, when=[{"day 3": {"clicked": "welcome"}}])
    async with on_stage(temporal, hot) as stage:
        await stage.start()
        await stage.act_out()
        history = await stage.walks.handle(stage.enrollment).fetch_history()

    replayer = Replayer(workflows=[SequenceWalk], data_converter=walk_data_converter)
    result = await replayer.replay_workflow(history)

    assert result.replay_failure is None
