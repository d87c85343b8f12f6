"""`check: {rules: …}` in project.yaml: a team decides how seriously it takes advice."""

from pathlib import Path

import pytest

from rapport.dsl.problem import Problem
from rapport.dsl.rules.rulebook import RULEBOOK
from rapport.dsl.severities import adjusted
from rapport.dsl.workspace import Workspace, load_workspace
from tests.rule_pages import PAGES

GOOD = PAGES.parents[1] / "tests" / "sequences" / "good"
SEQUENCE = """\
schema: 1
title: Example
owner: anna-koch
purpose: nurture
defaults: {from: talent-team}
steps:
  - {id: hello, send: welcome}
  - {id: opened, wait_for: {opened: hello}, within: 3 days}
  - {id: again, send: check-in}
"""


def checked(tmp_path: Path, rules: str) -> Workspace:
    """A folder whose project takes these rules more or less seriously; the sequence waits for an open, without exit."""
    (tmp_path / "mails").mkdir()
    for name in ("welcome", "check-in"):
        (tmp_path / "mails" / f"{name}.md").write_text("---\nsubject: Hello\n---\nHello.\n", encoding="utf-8")
    project = (GOOD / "project.yaml").read_text(encoding="utf-8")
    (tmp_path / "project.yaml").write_text(f"{project}\ncheck:\n  rules: {rules}\n", encoding="utf-8")
    (tmp_path / "example.yaml").write_text(SEQUENCE, encoding="utf-8")
    return load_workspace(tmp_path)


def severities(workspace: Workspace) -> dict[str, str]:
    """How severe each problem is."""
    return {problem.rule: problem.severity for problem in workspace.problems}


def test_without_a_word_the_rulebook_decides(tmp_path: Path) -> None:
    """An error stays an error, and advice stays advice."""
    assert {"no-exit": "error", "open-as-gate": "warning"} == severities(checked(tmp_path, "{}"))


def test_a_warning_becomes_an_error(tmp_path: Path) -> None:
    """Then the sequence is not fit to be published, simulated or tested."""
    workspace = checked(tmp_path, "{open-as-gate: error, no-exit: off}")

    assert {"open-as-gate": "error"} == severities(workspace)
    assert {} == workspace.sequences


def test_an_error_in_judgment_becomes_a_warning(tmp_path: Path) -> None:
    """Then the sequence compiles, and the advice is still told."""
    workspace = checked(tmp_path, "{no-exit: warning, open-as-gate: off}")

    assert {"no-exit": "warning"} == severities(workspace)
    assert ["example"] == list(workspace.sequences)


@pytest.mark.parametrize("verdict", ["off", "warning"])
@pytest.mark.parametrize("rule", ["no-consent", "secret-in-file", "yaml-alias", "unknown-key"])
def test_a_fixed_rule_cannot_be_softened(tmp_path: Path, rule: str, verdict: str) -> None:
    """What keeps people safe is nobody's choice, and the file says so at once."""
    problems = [
        problem for problem in checked(tmp_path, f"{{{rule}: {verdict}}}").problems if problem.rule == "fixed-rule"
    ]

    [problem] = problems
    assert RULEBOOK[rule].fixed
    assert problem.message.startswith(f"{rule} stays an error")


def test_a_fixed_rule_stays_an_error_whatever_is_asked() -> None:
    """The refusal does not hang on the message about it."""
    problem = Problem(file="a.yaml", line=1, column=1, rule="no-consent", message="m", help="h")

    assert [problem] == list(adjusted([problem], {"no-consent": "off"}))


def test_a_fixed_rule_may_be_named_an_error(tmp_path: Path) -> None:
    """Saying what is so anyway does no harm."""
    assert {"no-exit", "open-as-gate"} == set(severities(checked(tmp_path, "{no-consent: error}")))


def test_a_misspelled_rule_or_word_is_shown(tmp_path: Path) -> None:
    """A line that decides nothing must not look as if it did."""
    messages = {
        problem.rule: problem.message for problem in checked(tmp_path, "{opens-as-gate: off, no-exit: of}").problems
    }

    assert 'no rule is called "opens-as-gate" — did you mean "open-as-gate"?' == messages["unknown-rule"]
    assert '"of" cannot stand here — did you mean "off"?' == messages["bad-value"]
