"""`rapport simulate`, as a marketer calls it, and the tests of the shipped sequences."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.simulate import simulate
from tests.unit.cli.hello import hello_folder

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "examples" / "sequences"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of sequences."""
    return hello_folder(tmp_path)


def test_simulate_prints_a_dated_calendar_with_reasons(folder: Path) -> None:
    """One person's half year on one page."""
    ana = folder / "mails" / "ana.yaml"
    ana.write_text("first_name: Ana\ncountry: DE\n")

    arguments = ["hello", "--candidate", str(ana), "--in", str(folder), "--starts", "2026-03-07 22:30 Europe/Berlin"]
    result = CliRunner().invoke(simulate, arguments, standalone_mode=False)

    assert result.return_value == 0
    assert "for Ana" in result.output
    held = "hello              held: never between 21:00 and 07:00, until Sun 08 Mar 07:00"
    assert f"day 0    Sat 07 Mar 2026 22:30  {held}" in result.output
    assert "day 1    Sun 08 Mar 2026 07:00  hello              Send hello" in result.output
    assert "mails: 2, actions: 0, ends: end" in result.output


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("timezone: Nowhere/City", "there is no time zone 'Nowhere/City'"),
        ("score: lots", "score is not a whole number"),
    ],
)
def test_a_candidate_who_cannot_be_is_refused(folder: Path, candidate: str, said: str) -> None:
    """A calendar for a made-up zone would be a lie."""
    file = folder / "mails" / "who.yaml"
    file.write_text(candidate + "\n")

    result = CliRunner().invoke(simulate, ["hello", "--candidate", str(file), "--in", str(folder)])

    assert said in str(result.exception)


@pytest.mark.parametrize("folder_name", ["sequences", "shared"])
def test_shipped_sequences_pass_their_tests_quickly(folder_name: str) -> None:
    """Every case of every test file holds, in under two seconds with the start of the process."""
    path = ROOT / "sequences" if folder_name == "sequences" else SHARED
    if not path.is_dir():
        pytest.skip("the shared examples are not beside this checkout")
    command = [sys.executable, "-c", "from cli.main import run; run()", "test", str(path)]

    began = _seconds_of_processes()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    took = _seconds_of_processes() - began

    assert (0, "") == (result.returncode, result.stderr)
    assert " 0 failed" in result.stdout
    # Two seconds of processor time on a quiet machine; beside other tests each takes longer.
    assert took < 6


def _seconds_of_processes() -> float:
    """The processor time of all that were started here and have ended: a busy machine fails nothing."""
    used = os.times()
    return used.children_user + used.children_system
