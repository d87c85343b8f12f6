"""`rapport test` and `rapport simulate`, as a marketer calls them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.simulate import simulate
from cli.test import test as run_tests

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "examples" / "sequences"

_PROJECT = """
schema: 1
organization: {name: Acme, zone: Europe/Berlin, country: DE, postal_address: "Musterstr. 1"}
people: {anna-koch: {name: Anna Koch, email: anna.koch@acme.example}}
senders: {talent-team: {name: Acme, email: talent@acme.example}}
consent: {purposes: {nurture: {title: Mails}}}
"""
_SEQUENCE = """
schema: 1
title: Hello
owner: anna-koch
purpose: nurture
exit: [{replied: any}]
defaults: {from: talent-team}
steps:
  - {id: hello, send: hello}
  - id: read
    wait_for: {replied: hello}
    within: 7 days
    else: [{id: again, send: hello}]
"""
_TEST = """
sequence: hello
starts: 2026-03-02 10:00 Europe/Berlin
cases:
  - case: silent
    when: [{when}]
    then: {{mails: [{{day 0: hello}}, {{{second}: hello}}], ends: end}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of sequences; the test file is the test's own."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "hello.md").write_text("---\nsubject: Hello\n---\nHi.\n")
    (tmp_path / "project.yaml").write_text(_PROJECT)
    (tmp_path / "hello.yaml").write_text(_SEQUENCE)
    return tmp_path


def _write_test(folder: Path, *, second: str, when: str = "") -> None:
    (folder / "hello.test.yaml").write_text(_TEST.format(second=second, when=when))


def test_cases_that_hold_are_only_counted(folder: Path) -> None:
    """Silence is good news."""
    _write_test(folder, second="day 7 10:00")

    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert (0, "1 cases: 1 passed, 0 failed\n") == (result.return_value, result.output)


def test_a_failing_case_shows_expected_got_why_and_where(folder: Path) -> None:
    """A marketer sees at which line of the test, and why the calendar is what it is."""
    _write_test(folder, second="day 8")

    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert result.return_value == 1
    assert f"{folder}/hello.test.yaml:5:5" in result.output
    assert "→   expected day 8: hello                             got day 7   Mon 09 Mar 10:00  hello" in result.output
    assert "read               a reply to hello did not happen → else" in result.output


def test_a_script_that_comes_before_its_mail_is_a_mistake_of_the_test(folder: Path) -> None:
    """A reply to a mail that was not sent fails the case, with the line of the script."""
    (folder / "hello.yaml").write_text(_SEQUENCE.replace("steps:\n", "steps:\n  - {id: week, wait: 7 days}\n"))
    _write_test(folder, second="day 14", when="{day 1: {replied: hello}}")

    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert result.return_value == 1
    assert f"{folder}/hello.test.yaml:6:12: replied: hello has not been sent by then" in result.output


def test_a_mistake_in_a_file_comes_before_any_case(folder: Path) -> None:
    """Nothing is run on a sequence with errors."""
    _write_test(folder, second="day 7")
    (folder / "hello.yaml").write_text(_SEQUENCE.replace("send: hello", "sned: hello", 1))

    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert result.return_value == 1
    assert 'did you mean "send"?' in result.output


def test_steps_that_no_case_reaches_are_named(folder: Path) -> None:
    """A branch without a test is seen."""
    (folder / "hello.yaml").write_text(_SEQUENCE + "    then: [{id: never, tag: {add: x}}]\n")
    _write_test(folder, second="day 7")

    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert "note: no case of hello reaches never" in result.output


def test_a_folder_without_cases_is_no_success(folder: Path) -> None:
    """Green without a test would lie."""
    result = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert result.return_value == 1
    assert "No case was run" in result.output


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

    began = time.perf_counter()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began

    assert (0, "") == (result.returncode, result.stderr)
    assert " 0 failed" in result.stdout
    # Two seconds on a quiet machine; tests run beside each other.
    assert took < 6
