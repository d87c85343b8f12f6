"""What a project makes of the rules: `check: {rules: {open-as-gate: error}}` in project.yaml."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from rapport.dsl.problem import Problem
from rapport.dsl.rules.rulebook import RULEBOOK, Verdict


def adjusted(problems: Iterable[Problem], verdicts: Mapping[str, Verdict]) -> Iterator[Problem]:
    """The problems as severe as the project wants them, without those that it has switched off."""
    for problem in problems:
        verdict = verdicts.get(problem.rule)
        if verdict is None or RULEBOOK[problem.rule].fixed:
            yield problem
        elif verdict != "off":
            yield replace(problem, severity=verdict)
