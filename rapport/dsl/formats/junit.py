"""JUnit XML, in which CI servers count and show tests: one test case per file."""

import re
from collections import defaultdict
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from rapport.dsl.problem import Problem, as_text, in_order

# What XML 1.0 has no way to write, not even as a reference.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(problems: Iterable[Problem], files: Iterable[str], *, strict: bool = False) -> str:
    """A case per file, failed by errors, and by warnings when `strict`; other warnings stand in its output."""
    by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in in_order(problems):
        by_file[problem.file].append(problem)
    names = sorted({*files, *by_file})
    cases = [_case(name, by_file[name], strict=strict) for name in names]
    failures = sum(case.find("failure") is not None for case in cases)
    totals = {"name": "rapport check", "tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    suite = ET.Element("testsuite", totals)
    suite.extend(cases)
    suites = ET.Element("testsuites", totals)
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}'


def _case(file: str, problems: list[Problem], *, strict: bool) -> ET.Element:
    case = ET.Element("testcase", {"classname": "rapport.check", "name": _clean(file), "file": _clean(file)})
    failing = [problem for problem in problems if strict or problem.severity == "error"]
    if failing:
        first = failing[0]
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        message = f"line {first.line}: {first.message}{more}"
        failure = ET.SubElement(case, "failure", {"message": _clean(message), "type": first.rule})
        failure.text = _clean(as_text(failing))
    if advice := [problem for problem in problems if problem not in failing]:
        ET.SubElement(case, "system-out").text = _clean(as_text(advice))
    return case


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
