"""What the README tells people to type works as it says."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

_ROOT = Path(__file__).parents[3]
# `<!-- tested: exit 0 -->`, then a fenced block: every line of it is run, and must end with that code.
_TESTED = re.compile(r"<!-- tested: exit (\d) -->\n```sh\n(.*?)```", re.DOTALL)


def _lines() -> Iterator[Any]:
    for code, block in _TESTED.findall((_ROOT / "README.md").read_text(encoding="utf-8")):
        for line in block.splitlines():
            command = line.split("  #")[0].strip()
            if command:
                yield pytest.param(command, int(code), id=command)


def _first_steps() -> list[str]:
    page = (_ROOT / "docs" / "first-project.md").read_text(encoding="utf-8")
    [block] = re.findall(r"<!-- tested: in an empty folder -->\n```sh\n(.*?)```", page, re.DOTALL)
    return [line.split("  #")[0].strip() for line in block.splitlines()]


def _commands() -> set[str]:
    main = import_module("cli.main")
    [group] = {id(value): value for value in vars(main).values() if isinstance(value, click.Group)}.values()
    return set(group.list_commands(click.Context(group)))


def test_the_readme_lists_the_commands_that_there_are() -> None:
    """Whoever reads the README has heard of every command, and of none that is gone."""
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")

    assert _commands() == set(re.findall(r"^\| `rapport ([a-z-]+)", readme, re.MULTILINE))


@pytest.mark.parametrize(("command", "code"), list(_lines()))
def test_a_command_of_the_readme_works(command: str, code: int) -> None:
    """Copied from the README into a terminal, the line ends with the exit code that the README names."""
    program, *arguments = shlex.split(command)
    here = Path(sys.executable).with_name(Path(program).name)

    result = subprocess.run([here, *arguments], cwd=_ROOT, check=False, capture_output=True, text=True, timeout=60)

    assert code == result.returncode, result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_a_project_of_ones_own_is_begun_as_the_page_says(tmp_path: Path) -> None:
    """In an empty folder every line of docs/first-project.md works, one after the other."""
    here = Path(sys.executable).parent

    said = [
        subprocess.run(
            [here / program, *arguments], cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60
        )
        for program, *arguments in map(shlex.split, _first_steps())
    ]

    assert said
    assert [] == [each.args for each in said if each.returncode != 0]
