"""The results of `rapport test` for machines: JUnit XML, and JSON."""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from cli.test_cases import Judged
from cli.test_report import report


def write_junit(file: Path, judged: Sequence[Judged]) -> None:
    """Write a suite for each sequence, as CI systems read it; OSError when the file cannot be written."""
    root = ET.Element("testsuites", {"name": "rapport test", **_counts(judged)})
    for sequence, cases in groupby(sorted(judged, key=_sequence), key=_sequence):
        found = list(cases)
        suite = ET.SubElement(root, "testsuite", {"name": sequence, **_counts(found)})
        for one in found:
            suite.append(_case(one))
    ET.indent(root)
    file.write_text(ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n", encoding="utf-8")


def as_json(judged: Sequence[Judged]) -> str:
    """A JSON list of `{sequence, case, file, line, passed, ends, rows, timelines}`."""
    return json.dumps([_json(one) for one in judged], indent=2, ensure_ascii=False)


def _json(one: Judged) -> dict[str, object]:
    file, line, _ = one.case.place.rsplit(":", 2)
    return {
        "sequence": one.case.sequence,
        "case": one.case.name,
        "file": file,
        "line": int(line),
        "passed": one.passed,
        "ends": (one.real or one.verdict.calendar.result).ends,
        "wrong": [f"{one.case.place_of(place)}: {message}" for place, message in one.verdict.calendar.wrong],
        "rows": [{"holds": row.holds, "expected": row.expected, "got": row.got} for row in one.verdict.rows],
        "engines": [{"agree": row.holds, "simulated": row.expected, "temporal": row.got} for row in one.timelines],
    }


def _sequence(judged: Judged) -> str:
    return judged.case.sequence


def _counts(judged: Sequence[Judged]) -> dict[str, str]:
    failed = sum(one.agrees and not one.passed for one in judged)
    faults = sum(not one.agrees for one in judged)
    return {"tests": str(len(judged)), "failures": str(failed), "errors": str(faults)}


def _case(one: Judged) -> ET.Element:
    """A case; where the engines disagree it is an error of the tool, and no failure of the test."""
    file, line, _ = one.case.place.rsplit(":", 2)
    case = ET.Element("testcase", classname=one.case.sequence, name=one.case.name, file=file, line=line)
    if not one.passed:
        kind, message = ("failure", _message(one)) if one.agrees else ("error", "the engines disagree")
        ET.SubElement(case, kind, message=message).text = "\n".join(report(one))
    return case


def _message(one: Judged) -> str:
    wrong = [message for _, message in one.verdict.calendar.wrong]
    rows = [
        f"expected {row.expected or 'nothing'}, got {row.got or 'nothing'}" for row in one.verdict.rows if not row.holds
    ]
    return "; ".join([*wrong, *(" ".join(row.split()) for row in rows)])
