"""Typical mistakes: each file in tests/sequences/bad has the exact output beside it.

`REWRITE_EXPECTED=1` writes the outputs anew; read the difference before you commit it.
"""

import os
from functools import cache
from pathlib import Path

import pytest

from rapport.dsl.problem import Problem, as_text
from rapport.dsl.workspace import load_workspace

HERE = Path(__file__).parents[2] / "sequences" / "bad"
REWRITE = os.environ.get("REWRITE_EXPECTED") == "1"


def bad_files() -> list[Path]:
    """Every file that has something wrong with it."""
    good = {HERE / "project.yaml", HERE / "mails" / "welcome.md", HERE / "mails" / "check-in.md"}
    good.add(HERE / "mails" / "notes" / "invited.md")
    return sorted({*HERE.rglob("*.yaml"), *HERE.rglob("*.md")} - good)


@cache
def problems_of(folder: Path) -> dict[str, list[Problem]]:
    """The problems of a folder by file, with names relative to it."""
    found: dict[str, list[Problem]] = {}
    for problem in load_workspace(folder).problems:
        found.setdefault(problem.file, []).append(problem)
    return found


def said_about(path: Path) -> str:
    """What `rapport check` says about a file, with the file's own name only."""
    folder = path.parent if path.name == "project.yaml" else HERE
    return as_text(problems_of(folder).get(path.as_posix(), [])).replace(f"{path.parent.as_posix()}/", "")


@pytest.mark.parametrize("path", bad_files(), ids=lambda path: path.relative_to(HERE).as_posix())
def test_a_mistake_is_shown_at_its_token_with_the_next_step(path: Path) -> None:
    """Whatever you got wrong, the check shows where, what and how to put it right."""
    expected = path.with_suffix(".txt")
    if REWRITE:
        expected.write_text(said_about(path), encoding="utf-8")

    said = said_about(path)

    assert expected.read_text(encoding="utf-8") == said
    assert said


def test_every_output_belongs_to_a_file() -> None:
    """No expected output is left behind when a bad file goes."""
    outputs = set(HERE.rglob("*.txt"))

    assert outputs == {path.with_suffix(".txt") for path in bad_files()}


def test_every_problem_ends_with_the_next_step() -> None:
    """A message without advice is half a message."""
    folders = [HERE, *(path for path in (HERE / "projects").iterdir() if path.is_dir())]
    problems = [problem for folder in folders for problem in load_workspace(folder).problems]

    assert [problem for problem in problems if not problem.help] == []
    assert len({problem.rule for problem in problems}) > 45
