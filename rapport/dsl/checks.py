"""The check of one file: the schema first, then every rule over what the schema has nothing against."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from rapport.dsl.allow import Allowances
from rapport.dsl.problem import Problem, Span, in_order
from rapport.dsl.rules import (
    advice,
    branches,
    fields,
    flow,
    ids,
    mails,
    moments,
    names,
    project,
    reachable,
    tests,
    texts,
    waits,
)
from rapport.dsl.rules import verdicts as project_verdicts
from rapport.dsl.rules.rulebook import WALKED
from rapport.dsl.schema import schema_problems
from rapport.dsl.severities import adjusted
from rapport.dsl.subject import Subject

Rule = Callable[[Subject], Iterable[Problem]]
# A new rule is one function in a module of `rules` and its name in that module's RULES.
SEQUENCE_RULES: tuple[Rule, ...] = (
    *ids.RULES,
    *names.RULES,
    *fields.RULES,
    *moments.RULES,
    *mails.RULES,
    *texts.RULES,
    *flow.RULES,
    *reachable.RULES,
    *branches.RULES,
    *waits.RULES,
    *advice.RULES,
)
PROJECT_RULES: tuple[Rule, ...] = (*project.RULES, *project_verdicts.RULES)
TEST_RULES: tuple[Rule, ...] = tests.RULES
# Nobody reads more at once, and a generated file must not keep the check busy.
_MOST = 100
_RULES = {"sequence": SEQUENCE_RULES, "project": PROJECT_RULES, "test": TEST_RULES}


def check(subject: Subject, kind: str, walking: Sequence[Rule] = ()) -> tuple[Problem, ...]:
    """Everything that is wrong with a `sequence`, `project` or `test` file, in the order of the file.

    The rules of `walking` come last, and only where nothing else is an error: they need a sequence that can be walked.
    """
    if subject.loaded.problems:
        return subject.loaded.problems
    problems, wrong = schema_problems(subject.loaded, kind)
    if wrong is None or not isinstance(subject.loaded.tree, dict):
        return _cut(subject, problems)
    allowances = Allowances.in_yaml(subject.loaded.source)
    verdicts = subject.project.verdicts if subject.project else {}
    looked_at = replace(subject, wrong=wrong)
    found = [*problems, *islice(adjusted(allowances.keep(_run(_RULES[kind], looked_at)), verdicts), _MOST + 1)]
    unasked = WALKED
    if walking and not has_errors(found):
        found += islice(adjusted(allowances.keep(_run(walking, looked_at)), verdicts), _MOST + 1)
        unasked = frozenset()
    found += allowances.mistakes
    # Where the rules did not look at everything, comments may be needed.
    if not problems and len(found) <= _MOST and not subject.unsure:
        found += adjusted(allowances.unused(unasked=unasked), verdicts)
    return _cut(subject, in_order(found))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of them is more than a warning."""
    return any(problem.severity == "error" for problem in problems)


def _cut(subject: Subject, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The first hundred, and a word about the rest."""
    if len(problems) <= _MOST:
        return problems
    last = problems[_MOST - 1]
    message, step = f"there are more problems than these {_MOST}", "put these right first, then check again"
    more = subject.loaded.source.problem(Span(last.line, last.column), "many-problems", message, step)
    return (*problems[:_MOST], more)


def _run(rules: Iterable[Rule], subject: Subject) -> Iterator[Problem]:
    for rule in rules:
        yield from rule(subject)
