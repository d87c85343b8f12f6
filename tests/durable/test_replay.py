"""Walks that began under earlier code go on under today's: recorded histories replay, without a server."""

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.walk import WalkActivities
from tests.durable.test_privacy import text_of
from tests.histories.record import HERE, SCENES, release_folder
from workflows.converter import walk_data_converter
from workflows.sequence import SequenceWalk

RECORDED = sorted(HERE.glob("*/*.json"))
# Where Temporal keeps what an activity is called.
_DEFINITION = "__temporal_activity_definition"


def recorded(path: Path) -> WorkflowHistory:
    """One recorded run of a walk."""
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def replayer() -> Replayer:
    """Today's code, as the worker runs it."""
    return Replayer(workflows=[SequenceWalk], data_converter=walk_data_converter)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_walk_of_an_earlier_release_goes_on(path: Path) -> None:
    """A release strands nobody: every recorded walk takes the same decisions again."""
    await replayer().replay_workflow(recorded(path))


def test_every_scene_is_recorded() -> None:
    """Cold, hot, a reply, a goal, many histories, a hold, a pause: each shape of a walk is there."""
    assert set(SCENES) == {path.name.partition(".")[0] for path in release_folder().glob("*.json")}
    assert (release_folder() / "many-steps.3.json").exists()


async def test_changed_activity_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever renames what walks ask for hears of it here, and not from people who are on their way."""
    definition = getattr(WalkActivities.send_email, _DEFINITION)
    monkeypatch.setattr(WalkActivities.send_email, _DEFINITION, replace(definition, name="send_letter"))

    with pytest.raises(NondeterminismError, match="send_letter"):
        await replayer().replay_workflow(recorded(release_folder() / "cold.1.json"))


def test_recorded_histories_name_nobody() -> None:
    """Histories are committed: the people in them are made up, and so is the machine."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in RECORDED}
    opened = {name: text_of(text) for name, text in texts.items()}

    assert [] == [name for name, text in opened.items() if "@" in text or "/site-packages/" in text]
