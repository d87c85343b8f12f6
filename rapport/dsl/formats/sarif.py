"""SARIF 2.1.0, the format in which code hosts and editors take the findings of a checker."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from rapport.dsl.problem import Problem, in_order
from rapport.dsl.rules.rulebook import RULEBOOK, Rule

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(problems: Iterable[Problem], *, pages: str = "") -> str:
    """One run with the rules that were broken; `pages` goes before a rule's page, like `https://host/blob/main/`."""
    found = in_order(problems)
    rules = [RULEBOOK[name] for name in sorted({problem.rule for problem in found})]
    places = {rule.name: index for index, rule in enumerate(rules)}
    driver = {
        "name": "rapport",
        "version": version("rapport-crm"),
        "rules": [_descriptor(rule, pages) for rule in rules],
    }
    # Our columns count characters, as people do; without a word about it, readers count UTF-16 code units.
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, places) for problem in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _descriptor(rule: Rule, pages: str) -> dict[str, Any]:
    page = f"{pages}{rule.page}"
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.sentence},
        "helpUri": page,
        "help": {"text": f"Wrong, right, and why: {page}", "markdown": f"[Wrong, right, and why]({page})"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(problem: Problem, places: Mapping[str, int]) -> dict[str, Any]:
    region = {
        "startLine": problem.line,
        "startColumn": problem.column,
        "endLine": problem.line,
        "endColumn": problem.column + problem.width,
    }
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.file)}, "region": region}
    if problem.source_line:
        location["contextRegion"] = {"startLine": problem.line, "snippet": {"text": problem.source_line}}
    return {
        "ruleId": problem.rule,
        "ruleIndex": places[problem.rule],
        "level": problem.severity,
        # Braces stay as they are: readers fill in `{0}` only where a message has arguments, and this one has none.
        "message": {"text": f"{problem.message}\nhelp: {problem.help}"},
        "locations": [{"physicalLocation": location}],
    }
