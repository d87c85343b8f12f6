"""What else `rapport test` can say: coverage, JUnit, JSON, and that the engines disagree."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cli.rehearsal import run
from cli.test_cases import Judged
from tests.unit.cli.hello import hello_folder, run_test, write_case

SILENT = "{mails: [{day 0: hello}, {day 7 10:00: hello}], ends: end}"
WRONG = "{mails: [{day 0: hello}]}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of sequences, and the place where we are."""
    monkeypatch.chdir(hello_folder(tmp_path))
    return Path()


def test_coverage_names_each_step_and_branch_that_no_case_takes(folder: Path) -> None:
    """Per sequence, with the line; a sequence without a test is not covered at all."""
    write_case(folder, SILENT)
    (folder / "other.yaml").write_text((folder / "hello.yaml").read_text())

    result = run_test(folder, "--coverage")

    assert result.return_value == 0
    assert result.output == (
        "hello  3 of 4 steps, 1 of 2 branches   67%\n"
        "      hello.yaml:13:11: no case takes read → then\n"
        "      hello.yaml:13:12: no case reaches warm\n"
        "other  0 of 4 steps, 0 of 2 branches    0%\n"
        "      other.yaml:9:5: no case reaches hello\n"
        "      other.yaml:10:5: no case reaches read\n"
        "      other.yaml:13:11: no case takes read → then\n"
        "      other.yaml:14:11: no case takes read → else\n"
        "      other.yaml:13:12: no case reaches warm\n"
        "      other.yaml:14:12: no case reaches again\n"
        "all    33% of steps and branches covered\n"
        "1 case: 1 passed, 0 failed\n"
    )


@pytest.mark.parametrize(("percent", "code"), [("66", 0), ("67", 1)])
def test_too_little_coverage_fails_the_run(folder: Path, percent: str, code: int) -> None:
    """A team may ask for more than passing cases; the share is compared as it is, not as it is shown."""
    write_case(folder, SILENT)

    result = run_test(folder, "--fail-under", percent)

    asked = "66.7% of steps and branches are covered, and --fail-under asks for 67%"
    assert (code, code == 1) == (result.return_value, asked in result.output)


def test_junit_holds_every_case_and_the_report_of_those_that_fail(folder: Path) -> None:
    """A CI system shows the case, its file and line, and the report."""
    write_case(folder, WRONG)

    result = run_test(folder, "--junit", "report.xml")

    root = ET.parse(folder / "report.xml").getroot()  # noqa: S314  # written by us a line above
    [suite] = root
    [case] = suite
    [failure] = case
    assert result.return_value == 1
    assert {"name": "hello", "tests": "1", "failures": "1", "errors": "0"} == suite.attrib
    assert {"classname": "hello", "name": "silent", "file": "hello.test.yaml", "line": "5"} == case.attrib
    assert failure.attrib["message"] == "expected nothing, got day 7 Mon 09 Mar 10:00 hello"
    assert "why:" in (failure.text or "")


def test_json_holds_every_row(folder: Path) -> None:
    """For whoever builds upon it."""
    write_case(folder, SILENT)

    result = run_test(folder, "--format", "json")

    [case] = json.loads(result.output)
    assert {"sequence": "hello", "case": "silent", "file": "hello.test.yaml", "line": 5} == {
        key: case[key] for key in ("sequence", "case", "file", "line")
    }
    assert (True, "end", [True, True, True]) == (case["passed"], case["ends"], [row["holds"] for row in case["rows"]])


def test_engines_that_disagree_are_a_fault_of_the_tool(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both timelines are shown, and the exit code tells it from a failing case."""
    write_case(folder, SILENT)
    monkeypatch.setattr(run, "rehearse", lambda judged: [_with_one_mail_less(one) for one in judged])

    result = run_test(folder, "--engine", "temporal")

    assert result.return_value == 3
    assert (
        "      the engines disagree: this is a fault of Rapport and not of your sequence; please report it\n"
        "      ok  simulated 2026-03-02 09:00:00  hello: sent         on Temporal 2026-03-02 09:00:00  hello: sent\n"
        "      ok  simulated 2026-03-02 09:00:00  hello: mail hello   "
        "on Temporal 2026-03-02 09:00:00  hello: mail hello\n"
        "      ok  simulated 2026-03-09 09:00:00  read: else          on Temporal 2026-03-09 09:00:00  read: else\n"
        "      ok  simulated 2026-03-09 09:00:00  again: sent         on Temporal 2026-03-09 09:00:00  again: sent\n"
        "      →   simulated 2026-03-09 09:00:00  again: mail hello   on Temporal (nothing)\n"
        "      ok  simulated 2026-03-09 09:00:00  ends: end           on Temporal 2026-03-09 09:00:00  ends: end\n"
    ) in result.output


def _with_one_mail_less(judged: Judged) -> Judged:
    """What Temporal would say if it had lost the last mail."""
    result = judged.verdict.calendar.result
    return judged.on_temporal(replace(result, mails=result.mails[:-1]))


def test_the_simulator_needs_neither_temporal_nor_a_store() -> None:
    """The quick way stays quick: what only the real engine needs is loaded when it is asked for."""
    code = "import sys, cli.test; print(sorted({'temporalio', 'sqlalchemy'} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded == "[]\n"
