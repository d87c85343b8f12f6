"""The flow: shares add up, every step can be reached, and somebody who answers is left alone."""

from collections.abc import Iterator
from typing import Any

from rapport.dsl.compose import Route
from rapport.dsl.outline import branches
from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject

_ALL = 100


def shares_not_100(subject: Subject) -> Iterator[Problem]:
    """The shares of a split add up to 100%."""
    for at in subject.having("split"):
        if subject.sound(at.route):
            total = sum(int(arm["share"].rstrip("%")) for arm in at.value.values())
            if total != _ALL:
                message = f"the shares add up to {total}%"
                yield subject.at_key(at, "shares-not-100", message, "change them until they add up to 100%")


def unreachable_step(subject: Subject) -> Iterator[Problem]:
    """Nothing stands below a stop that always stops."""
    tree = subject.loaded.tree
    yield from _unreachable(subject, tree.get("steps"), ("steps",))


def _unreachable(subject: Subject, steps: Any, route: Route) -> Iterator[Problem]:
    ended = False
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        place = (*route, index)
        if ended:
            key = "id" if "id" in step else next(iter(step), "")
            at = At(step, (*place, key))
            message = "no walk can get here: the step above always ends it"
            yield subject.at_value(
                at, "unreachable-step", message, "give the stop an `if`, or delete the steps below it"
            )
            return
        for branch_route, branch in branches(step, place):
            yield from _unreachable(subject, branch, branch_route)
        ended = _always_ends(step)


def _always_ends(step: Any) -> bool:
    """Whether no walk gets past a step."""
    if not isinstance(step, dict):
        return False
    if "stop" in step:
        return "if" not in step and "unless" not in step
    if "if" in step or "wait_for" in step:
        return _list_ends(step.get("then")) and _list_ends(step.get("else"))
    arms = step.get("split")
    return (
        isinstance(arms, dict)
        and bool(arms)
        and all(isinstance(arm, dict) and _list_ends(arm.get("do")) for arm in arms.values())
    )


def _list_ends(steps: Any) -> bool:
    return isinstance(steps, list) and any(_always_ends(step) for step in steps)


def no_exit(subject: Subject) -> Iterator[Problem]:
    """A sequence of several mails says what ends it, or people who answered get the next one."""
    tree = subject.loaded.tree
    sends = [placed for placed in subject.outline if placed.verb == "send"]
    if len(sends) > 1 and "exit" not in tree and "goal" not in tree:
        at = At(None, ("steps",))
        message = "nothing ends this sequence early: people who answer or apply get the next mail all the same"
        yield subject.at_key(at, "no-exit", message, "add `exit: [{replied: any}, {applied: any}]`, or a `goal`")


def enroll_cycle(subject: Subject) -> Iterator[Problem]:
    """Sequences do not enroll people in a circle."""
    for at in subject.having("enroll"):
        way = _way_back(subject, at.value)
        if way:
            message = f"this goes round in a circle: {' → '.join([subject.name, *way])}"
            yield subject.at_value(at, "enroll-cycle", message, "take one of these enroll steps out")


def _way_back(subject: Subject, start: str) -> list[str]:
    """The shortest chain of enrollments that leads back to the subject; empty when there is none."""
    ways, seen = [[start]], {start}
    for way in ways:  # it grows while it is read: a breadth-first search
        if way[-1] == subject.name:
            return way
        reached = subject.sequences.get(way[-1])
        for target in _enrolled_by(reached) if reached else ():
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _enrolled_by(subject: Subject) -> Iterator[str]:
    targets = (placed.step.get("enroll") for placed in subject.outline)
    return (target for target in targets if isinstance(target, str))


RULES = (shares_not_100, unreachable_step, no_exit, enroll_cycle)
