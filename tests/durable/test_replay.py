"""Walks that began under earlier code go on under today's: recorded histories replay, without a server."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.bulk import BulkActivities
from activities.mailbox import MailboxActivities
from activities.privacy import PrivacyActivities
from activities.walk import WalkActivities
from tests.durable.test_privacy import text_of
from tests.histories.record import BULK_SCENES, HERE, MAILBOX_SCENES, POLL_SCENES, RIGHTS_SCENES, SCENES, release_folder
from workflows.ats_poll import AtsPoll
from workflows.bulk_enrollment import BulkEnrollment
from workflows.converter import walk_data_converter
from workflows.erasure import Erasure
from workflows.mailbox import Mailbox
from workflows.retention import RetentionSweep
from workflows.sequence import SequenceWalk

RECORDED = sorted(HERE.glob("*/*.json"))
# Where Temporal keeps what an activity is called.
_DEFINITION = "__temporal_activity_definition"


def recorded(path: Path) -> WorkflowHistory:
    """One recorded run of a workflow."""
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def replayer() -> Replayer:
    """Today's code, as the worker runs it."""
    known = [SequenceWalk, BulkEnrollment, Mailbox, AtsPoll, Erasure, RetentionSweep]
    return Replayer(workflows=known, data_converter=walk_data_converter)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_walk_of_an_earlier_release_goes_on(path: Path) -> None:
    """A release strands nobody: everything that was recorded under an earlier one takes the same decisions again."""
    await replayer().replay_workflow(recorded(path))


def test_every_scene_is_recorded() -> None:
    """Cold, hot, a reply, a goal, many histories, a hold, a pause, a long list: each shape is there."""
    recorded_here = {path.name.partition(".")[0] for path in release_folder().glob("*.json")}

    assert {*SCENES, *BULK_SCENES, *MAILBOX_SCENES, *POLL_SCENES, *RIGHTS_SCENES} == recorded_here
    assert (release_folder() / "many-steps.3.json").exists()


def test_a_long_list_is_recorded_across_its_histories() -> None:
    """Each run but the last one ends by beginning the next, which goes on at the person after."""
    runs = [json.loads((release_folder() / f"bulk-long.{number}.json").read_text()) for number in (1, 2, 3)]
    starts = [run["events"][0]["workflowExecutionStartedEventAttributes"] for run in runs]

    assert [*2 * ["CONTINUED_AS_NEW"], "COMPLETED"] == [
        run["events"][-1]["eventType"].removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_") for run in runs
    ]
    assert [0, 1_000, 2_000] == [_input_of(start).get("cursor") for start in starts]


def test_a_mailbox_is_recorded_across_its_histories() -> None:
    """Each run hands on how many mails it has read; the last one was still reading."""
    runs = [json.loads(path.read_text()) for path in sorted(release_folder().glob("mailbox.*.json"))]
    starts = [run["events"][0]["workflowExecutionStartedEventAttributes"] for run in runs]
    read = [_input_of(start).get("read", 0) for start in starts]

    assert len(runs) >= 3
    assert read == sorted(set(read))
    assert [*(len(runs) - 1) * ["CONTINUED_AS_NEW"], "TERMINATED"] == [
        run["events"][-1]["eventType"].removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_") for run in runs
    ]


def test_a_sweep_is_recorded_across_its_histories() -> None:
    """Each run goes on behind the last person of the run before, and adds to its numbers."""
    runs = [json.loads(path.read_text()) for path in sorted(release_folder().glob("retention-sweep.*.json"))]
    starts = [_input_of(run["events"][0]["workflowExecutionStartedEventAttributes"]) for run in runs]

    assert [("", 0), ("c_0020", 20), ("c_0040", 40)] == [
        (start.get("behind", ""), start.get("looked", 0)) for start in starts
    ]


def _input_of(start: Any) -> Any:
    return json.loads(base64.b64decode(start["input"]["payloads"][0]["data"]))


@pytest.mark.parametrize(
    ("activity", "name", "scene"),
    [
        (WalkActivities.send_email, "send_letter", "cold"),
        (BulkActivities.enroll_people, "let_in", "bulk-paced"),
        (MailboxActivities.read_mailbox, "look_into_mailbox", "mailbox"),
        (PrivacyActivities.settle_erasure, "finish", "erasure"),
        (PrivacyActivities.sweep_page, "judge", "retention-sweep"),
    ],
)
async def test_changed_activity_is_found_out(
    monkeypatch: pytest.MonkeyPatch, activity: Any, name: str, scene: str
) -> None:
    """Whoever renames what walks ask for hears of it here, and not from people who are on their way."""
    monkeypatch.setattr(activity, _DEFINITION, replace(getattr(activity, _DEFINITION), name=name))

    with pytest.raises(NondeterminismError, match=name):
        await replayer().replay_workflow(recorded(release_folder() / f"{scene}.1.json"))


def test_recorded_histories_name_nobody() -> None:
    """Histories are committed: the people in them are made up, and so is the machine."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in RECORDED}
    opened = {name: text_of(text) for name, text in texts.items()}

    assert [] == [name for name, text in opened.items() if "@" in text or "/site-packages/" in text]
