"""`rapport check --fix`, as a marketer calls it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.check import check
from cli.fmt import fmt

_GOOD = Path(__file__).parents[2] / "sequences" / "good"
_BAD = """\
# ours
schema: 1
titel: Nearly right   # of a page
owner: anna-koch
purpose: nurture
exit:
  - {repied: any}
defaults: {from: talent-team}
steps:
  - sned: welcome
    # her first mail
  - {id: week, wait: 7d}
  - id: call
    task: {for: anna-koch, title: {{ candidate.id }} is warm, due: 2 days}
"""
_FIXED = """\
# ours
schema: 1
title: Nearly right   # of a page
owner: anna-koch
purpose: nurture

exit:
  - {replied: any}

defaults: {from: talent-team}

steps:
  - id: welcome
    send: welcome
    # her first mail

  - {id: week, wait: 7 days}
  - {id: call, task: {for: anna-koch, title: "{{ candidate.id }} is warm", due: 2 days}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sequence with six mistakes, beside a project and its mails."""
    (tmp_path / "project.yaml").write_text((_GOOD / "project.yaml").read_text())
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "welcome.md").write_text("---\nsubject: Hello\n---\nHello.\n")
    (tmp_path / "nearly.yaml").write_text(_BAD)
    return tmp_path / "nearly.yaml"


def _check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(check, [str(argument) for argument in arguments])


def test_what_is_mechanical_is_mended_and_told_line_by_line(file: Path) -> None:
    """One command, and what it did can be read."""
    result = _check("--fix", file)

    assert (_FIXED, 0) == (file.read_text(), result.exit_code)
    told = [line.removeprefix(f"{file}:") for line in result.stderr.splitlines()]
    assert [
        '14: {{ candidate.id }} is warm → "{{ candidate.id }} is warm" [unquoted-braces]',
        "3: titel → title [unknown-key]",
        "7: repied → replied [unknown-event]",
        "10: sned → send [unknown-step]",
        "12: 7d → 7 days [bad-duration]",
        "10: added id: welcome [missing-id]",
        " formatted",
    ] == told


def test_the_exit_code_is_about_what_is_left(file: Path) -> None:
    """What needs a person still fails, in whatever format was asked for."""
    file.write_text(_BAD.replace("send_between", "x").replace("talent-team", "nobody"))

    result = _check("--fix", "--format", "json", file)

    assert 1 == result.exit_code
    assert {"unknown-sender"} == {problem["rule"] for problem in json.loads(result.stdout)}


def test_a_file_without_mistakes_is_not_touched(file: Path) -> None:
    """Also when its layout is another; that is for `rapport fmt`."""
    untidy = _FIXED.replace("title: ", "title:    ")
    file.write_text(untidy)

    result = _check("--fix", file)

    assert (untidy, 0, "") == (file.read_text(), result.exit_code, result.stderr)


def test_a_mended_file_needs_no_formatting(file: Path) -> None:
    """One command for marketers, not two."""
    _check("--fix", file.parent)

    result = CliRunner().invoke(fmt, ["--check", str(file)], standalone_mode=False)

    assert 0 == result.return_value


def test_without_the_option_nothing_is_written(file: Path) -> None:
    """A check only looks."""
    _check(file)

    assert _BAD == file.read_text()
