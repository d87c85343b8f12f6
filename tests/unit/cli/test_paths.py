"""`rapport paths`, as a marketer calls it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.paths import paths
from rapport.errors import NotFound

_SHIPPED = Path(__file__).parents[3] / "sequences"
_HEAD = """
schema: 1
title: Many mails
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped project and one mail."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "hello.md").write_text("---\nsubject: Hello\n---\nHi.\n")
    (tmp_path / "project.yaml").write_text((_SHIPPED / "project.yaml").read_text())
    return tmp_path


def _paths(folder: Path, steps: str) -> Result:
    (folder / "many.yaml").write_text(_HEAD + steps)
    return CliRunner().invoke(paths, ["many", "--in", str(folder)], standalone_mode=False)


def test_every_path_of_a_sequence_is_listed() -> None:
    """Six ways through the welcome sequence, each with length, mails and worst week."""
    result = CliRunner().invoke(paths, ["welcome-engineering", "--in", str(_SHIPPED)], standalone_mode=False)

    assert result.return_value == 0
    assert "path 1: 30 to 37 days, 2 mails" in result.output
    assert "  subject-test: the lot falls on short (50%)" in result.output
    assert "  mails: welcome, nudge-short, check-in" in result.output
    last = "6 paths; most mails in any 7 days: 1; the contact policy allows 3 in 7 days: fits"
    assert last == result.output.splitlines()[-1]


def test_a_week_with_too_many_mails_is_seen(folder: Path) -> None:
    """Four mails in five days are one more than the contact policy lets through."""
    steps = "\n".join(f"  - {{id: s{day}, send: hello}}\n  - {{id: w{day}, wait: 36 hours}}" for day in range(4))

    result = _paths(folder, steps)

    told = "worst 7 days: up to 4 mails (hello, hello, hello, hello); the contact policy allows 3 in 7 days"
    assert f"{told}: it would hold 1 back" in result.output
    assert "worst 1 day" not in result.output


def test_a_week_with_just_as_many_mails_as_allowed_fits(folder: Path) -> None:
    """Three of three are no reason to worry."""
    steps = "\n".join(f"  - {{id: s{day}, send: hello}}\n  - {{id: w{day}, wait: 2 days}}" for day in range(3))

    result = _paths(folder, steps)

    assert "most mails in any 7 days: 3; the contact policy allows 3 in 7 days: fits" in result.output


def test_other_caps_of_the_policy_are_named_when_they_are_broken(folder: Path) -> None:
    """Two mails on one day, where one is allowed."""
    result = _paths(folder, "  - {id: one, send: hello}\n  - {id: two, send: hello}")

    assert "worst 1 day: up to 2 mails; the contact policy allows 1 in 1 day: it would hold 1 back" in result.output


def test_more_than_ten_thousand_paths_are_summarized(folder: Path) -> None:
    """A list that nobody can read is not printed."""
    ask = "  - {{id: q{0}, if: {{candidate.score: {0}}}, then: [{{id: s{0}, send: hello}}]}}"
    pause = "  - {{id: w{0}, wait: 1 day}}"

    result = _paths(folder, "\n".join(f"{ask}\n{pause}".format(number) for number in range(14)))

    assert result.return_value == 0
    assert "16,384 paths, more than 10,000: summarized, not listed" in result.output
    assert "  length: 14 days\n  mails: 0 to 14 mails\n" in result.output
    assert "worst 7 days: up to 7 mails; the contact policy allows 3 in 7 days: it would hold 4 back" in result.output


def test_a_sequence_with_a_mistake_shows_the_mistake(folder: Path) -> None:
    """First mend it, then look at its paths."""
    result = _paths(folder, "  - {id: one, sned: hello}")

    assert result.return_value == 1
    assert 'did you mean "send"?' in result.output


def test_an_unknown_sequence_is_answered_with_those_there_are() -> None:
    """The next step is to pick one of them."""
    result = CliRunner().invoke(paths, ["nope", "--in", str(_SHIPPED)])

    assert isinstance(result.exception, NotFound)
    assert "welcome-engineering" in str(result.exception)
