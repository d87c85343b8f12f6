"""A folder, checked with everything that we have."""

import shutil
import time
from pathlib import Path

import pytest

from rapport.usecases.checked_folder import checked_folder

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "examples" / "sequences"
BAD = ROOT / "tests" / "sequences" / "bad"
HEAD = """schema: 1
title: A title
owner: anna-koch
purpose: nurture
defaults: {from: talent-team}
exit: [{replied: any}]
steps:
"""
_TESTS = "sequence: flow\nstarts: 2026-03-02 10:00 Europe/Berlin\ncases:\n"
_LOVE = "{% if candidate.city %}love{% endif %}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a project and mails, and no sequence."""
    shutil.copytree(BAD / "mails", tmp_path / "mails", ignore=lambda _, names: {*names} - {"welcome.md", "check-in.md"})
    shutil.copy(BAD / "project.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", [ROOT / "sequences", ROOT / "tests" / "sequences" / "good", ROOT / "docs" / "story"])
def test_what_we_ship_has_no_problem(path: Path) -> None:
    """Nothing is wrong with it on any path, and what looks odd says why."""
    assert () == checked_folder(path).problems


def test_the_warnings_of_the_examples_are_known() -> None:
    """They are right to warn: of some people the texts know too little, and half a year is long."""
    if not SHARED.is_dir():
        pytest.skip("the shared examples are not beside this repository")

    found = {(Path(problem.file).name, problem.rule) for problem in checked_folder(SHARED).problems}

    assert found <= {
        ("fair-reminder.md", "variable-may-be-empty"),
        ("fair-sorry-we-missed-you.md", "variable-may-be-empty"),
        ("fair-thanks.md", "variable-may-be-empty"),
        ("welcome.md", "variable-may-be-empty"),
        ("silver-medalists.yaml", "long-silence"),
    }


def test_a_case_that_nobody_can_walk_is_left_to_the_tests(folder: Path) -> None:
    """A script that makes no sense does not stop the check of everything else."""
    (folder / "flow.yaml").write_text(HEAD + "  - {id: hello, send: welcome}\n  - {id: more, send: check-in}\n")
    case = "{case: too early, when: [{day 0: {clicked: more}}], then: {ends: end}}"
    (folder / "flow.test.yaml").write_text(f"{_TESTS}  - {case}\n")

    assert () == checked_folder(folder).problems


HOSTILE_STEPS = {
    "sends": "".join(f"  - {{id: s{n}, send: m{n}}}\n" for n in range(900)),
    "choices": "".join(
        f"  - {{id: q{n}, if: {{candidate.score: {n}}}, then: [{{id: s{n}, send: welcome}}]}}\n" for n in range(600)
    ),
    "a long tail": "".join(
        f"  - {{id: q{n}, if: {{candidate.score: {n}}}, then: [{{id: s{n}, send: welcome}}]}}\n" for n in range(6)
    )
    + "".join(f"  - {{id: w{n}, wait: 1 day}}\n" for n in range(290)),
    "one condition": "  - {id: hello, send: welcome, not_after: enrolled_at}\n  - {id: s, stop: x, if: {all: ["
    + ", ".join(f"{{candidate.score: {{at_least: {n}, at_most: {n + 9}}}}}" for n in range(1200))
    + "]}}\n",
}


@pytest.mark.parametrize("steps", HOSTILE_STEPS.values(), ids=HOSTILE_STEPS)
def test_hostile_sequences_are_checked_in_a_second(steps: str, folder: Path) -> None:
    """A file that was made to keep the check busy does not."""
    (folder / "flow.yaml").write_text(HEAD + steps)
    before = time.process_time()

    checked_folder(folder)

    assert time.process_time() - before < 1


@pytest.mark.parametrize(("cases", "steps"), [(2_000, 1), (60, 250), (3, 300)])
def test_thousands_of_cases_are_left_to_the_tests(cases: int, steps: int, folder: Path) -> None:
    """A check runs the cases in passing, and leaves many of them to who asks for them."""
    waits = "".join(f"  - {{id: w{n}, wait: 1 day}}\n" for n in range(steps))
    (folder / "flow.yaml").write_text(f"{HEAD}{waits}  - {{id: hello, send: welcome}}\n")
    rows = "".join(f"  - {{case: c{n}, then: {{mails: [{{day {steps}: welcome}}]}}}}\n" for n in range(cases))
    (folder / "flow.test.yaml").write_text(_TESTS + rows)
    before = time.process_time()

    checked_folder(folder)

    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    "body",
    [
        "{{ candidate.city }}" * 3_000,
        "{% if a %}" + "{% elif candidate.city %}x" * 2_400 + "{% endif %}",
        "https://" * 7_000 + "{{ candidate.city }}" * 300,
        "](" * 30_000,
        "<a " * 20_000,
        "`" * 60_000,
        _LOVE * 1_000,
    ],
)
def test_hostile_mails_are_checked_in_a_second(body: str, folder: Path) -> None:
    """Nor does a mail of the largest size."""
    (folder / "mails" / "welcome.md").write_text(f"---\nsubject: Hello\n---\n{body}\n")
    before = time.process_time()

    checked_folder(folder)

    assert time.process_time() - before < 1
