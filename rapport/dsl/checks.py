"""The check of one file: the schema first, then every rule over what the schema has nothing against."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from rapport.dsl.problem import Problem, Span, in_order
from rapport.dsl.rules import advice, fields, flow, ids, mails, moments, names, project, tests, texts
from rapport.dsl.schema import schema_problems
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
    *advice.RULES,
)
PROJECT_RULES: tuple[Rule, ...] = project.RULES
TEST_RULES: tuple[Rule, ...] = tests.RULES
# Nobody reads more at once, and a generated file must not keep the check busy.
_MOST = 100
_RULES = {"sequence": SEQUENCE_RULES, "project": PROJECT_RULES, "test": TEST_RULES}


def check(subject: Subject, kind: str) -> tuple[Problem, ...]:
    """Everything that is wrong with a `sequence`, `project` or `test` file, in the order of the file."""
    if subject.loaded.problems:
        return subject.loaded.problems
    problems, wrong = schema_problems(subject.loaded, kind)
    if wrong is None or not isinstance(subject.loaded.tree, dict):
        return _cut(subject, problems)
    found = (*problems, *islice(_run(_RULES[kind], replace(subject, wrong=wrong)), _MOST + 1))
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
