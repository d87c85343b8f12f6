"""Typical mistakes: each file in tests/sequences/bad has the exact output beside it.

A file without an output beside it is right.
`REWRITE_EXPECTED=1` writes the outputs anew; read the difference before you commit it.
"""

import os
from functools import cache
from pathlib import Path

import pytest

from rapport.dsl.problem import Problem, as_text
from rapport.usecases.checked_folder import checked_folder

HERE = Path(__file__).parents[2] / "sequences" / "bad"
REWRITE = os.environ.get("REWRITE_EXPECTED") == "1"


def files() -> list[Path]:
    """Every file that a check reads: those with something wrong, and those around them."""
    return sorted({*HERE.rglob("*.yaml"), *HERE.rglob("*.md")})


@cache
def problems_of(folder: Path) -> dict[str, list[Problem]]:
    """The problems of a folder by file, with names relative to it."""
    found: dict[str, list[Problem]] = {}
    for problem in checked_folder(folder).problems:
        found.setdefault(problem.file, []).append(problem)
    return found


def said_about(path: Path) -> str:
    """What `rapport check` says about a file, with the file's own name only."""
    folder = next(parent for parent in path.parents if (parent / "project.yaml").is_file())
    return as_text(problems_of(folder).get(path.as_posix(), [])).replace(f"{path.parent.as_posix()}/", "")


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(HERE).as_posix())
def test_a_mistake_is_shown_at_its_token_with_the_next_step(path: Path) -> None:
    """Whatever you got wrong, the check shows where, what and how to put it right; of a right file it says nothing."""
    output = path.with_suffix(".txt")
    said = said_about(path)
    if REWRITE and said:
        output.write_text(said, encoding="utf-8")
    elif REWRITE:
        output.unlink(missing_ok=True)

    expected = output.read_text(encoding="utf-8") if output.is_file() else ""

    assert expected == said


def test_every_output_belongs_to_a_file() -> None:
    """No expected output is left behind when a bad file goes."""
    outputs = set(HERE.rglob("*.txt"))

    assert set() == outputs - {path.with_suffix(".txt") for path in files()}
    assert len(outputs) > 75


def test_every_problem_ends_with_the_next_step() -> None:
    """A message without advice is half a message."""
    folders = [HERE, *(path for path in (HERE / "projects").iterdir() if path.is_dir())]
    problems = [problem for folder in folders for problem in checked_folder(folder).problems]

    assert [problem for problem in problems if not problem.help] == []
    assert len({problem.rule for problem in problems}) > 45
