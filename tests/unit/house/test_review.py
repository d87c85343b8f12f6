"""A pull request of sequences is checked by a run that may read and nothing else."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from cli.main import rapport

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / ".github" / "workflows" / "sequences.yml"
BAD = ROOT / "tests" / "sequences" / "bad" / "misspelled-verb.yaml"


def workflow() -> dict[str, Any]:
    """The run, read with plain strings, since YAML 1.1 takes the key `on` for true."""
    read: dict[str, Any] = yaml.load(WORKFLOW.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506  # makes strings only
    return read


def test_untrusted_changes_are_run_without_secrets() -> None:
    """Whoever opens a pull request gets neither a token that may write nor a secret."""
    text, run = WORKFLOW.read_text(encoding="utf-8"), workflow()

    assert ["pull_request"] == list(run["on"])
    assert {"contents": "read"} == run["permissions"]
    assert "{{ secrets" not in text
    assert "github.event" not in text
    assert all("permissions" not in job for job in run["jobs"].values())


def test_actions_are_pinned_to_a_commit() -> None:
    """An action that is changed under its tag does not reach our runs."""
    used = re.findall(r"uses: (\S+)", WORKFLOW.read_text(encoding="utf-8"))

    assert used
    assert [] == [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action)]


def test_the_runs_commands_hold_for_the_shipped_sequences() -> None:
    """What reviewers see for a pull request is what `main` passes."""
    steps = [step["run"] for step in workflow()["jobs"]["review"]["steps"] if "rapport" in step.get("run", "")]

    outcomes = {step: CliRunner().invoke(rapport, shlex.split(step)[1:]).exit_code for step in steps}
    assert dict.fromkeys(steps, 0) == outcomes
    assert 3 == len(steps)


def test_the_editors_task_finds_the_place_of_each_problem() -> None:
    """A problem that the editor's task prints can be clicked."""
    tasks = json.loads((ROOT / ".vscode" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    pattern = next(task["problemMatcher"]["pattern"] for task in tasks if task["problemMatcher"])
    printed = CliRunner().invoke(rapport, ["check", "--format", "text", str(BAD)]).output

    found = [match for line in printed.splitlines() if (match := re.match(pattern["regexp"], line))]
    assert len(found) == len(re.findall(r"^\S+:\d+:\d+:", printed, re.MULTILINE))
    assert BAD.name == Path(found[0][pattern["file"]]).name
    assert found[0][pattern["line"]].isdigit()
    assert re.fullmatch(r"[a-z-]+", found[0][pattern["code"]])
