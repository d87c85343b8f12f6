"""What the test cases of a sequence leave out: steps that none comes to, waits that never run out of time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from rapport.dsl.outline import Placed
from rapport.dsl.plan import Plan
from rapport.dsl.problem import Problem
from rapport.dsl.project import Project
from rapport.dsl.subject import At, Subject
from rapport.engine.coverage import Spot, coverage
from rapport.engine.expectations import scenario_of
from rapport.engine.result import Result
from rapport.errors import RapportError

# Steps of all cases together, and what it takes to begin one: half a second. More are for `rapport test`.
_MOST_STEPS, _BEGINNING = 2_000, 10
_ELSE = "else"


def tested_problems(subject: Subject, project: Project, plan: Plan) -> Iterator[Problem]:
    """Run the cases of the sequence's test files; nothing is said of a sequence without any, or with thousands."""
    cases = sum(len(file.tree["cases"]) for file in subject.test_files)
    if not 0 < cases * (len(plan.nodes) + _BEGINNING) <= _MOST_STEPS:
        return
    missed = set(coverage(plan, _results(subject, project, plan)).missed)
    patient = [placed for placed in subject.outline if placed.verb == "wait_for" and _never_runs_out(placed, missed)]
    yield from (_no_else(subject, placed) for placed in patient)
    told = {(*placed.route, _ELSE) for placed in patient}
    for group in _groups(subject.outline, missed):
        if not any(group[0].route[: len(branch)] == branch for branch in told):
            yield _untested(subject, group)


def _results(subject: Subject, project: Project, plan: Plan) -> Iterator[Result]:
    for file in subject.test_files:
        for case in file.tree["cases"]:
            with suppress(RapportError):  # what stands in the way of a case is told by `rapport test`
                yield scenario_of(plan, project, file.tree, case).run().result


def _never_runs_out(placed: Placed, missed: set[Spot]) -> bool:
    """Whether cases come to a wait that has an `else`, and in all of them the event happens."""
    if not placed.step.get(_ELSE) or placed.id is None:
        return False
    return Spot(placed.id) not in missed and Spot(placed.id, _ELSE) in missed


def _groups(outline: Iterable[Placed], missed: set[Spot]) -> Iterator[Sequence[Placed]]:
    """Untested steps that follow each other in the file, together."""
    group: list[Placed] = []
    for placed in outline:
        if placed.id is not None and Spot(placed.id) in missed:
            group.append(placed)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _no_else(subject: Subject, placed: Placed) -> Problem:
    message = f'in no case of {_files(subject)} does "{placed.id}" run out of time'
    step = "add a case in which it does not happen"
    return subject.at_value(At(placed.id, (*placed.route, "id")), "test-without-else", message, step)


def _untested(subject: Subject, group: Sequence[Placed]) -> Problem:
    more = len(group) - 1
    below = f", nor to the {'one' if more == 1 else more} below it" if more else ""
    message = f"no case of {_files(subject)} comes to this step{below}"
    at = At(group[0].id, (*group[0].route, "id"))
    return subject.at_value(at, "untested-step", message, "add a case that goes this way")


def _files(subject: Subject) -> str:
    return " and ".join(file.file.rpartition("/")[2] for file in subject.test_files)
