"""The flow: shares add up, sequences end, and somebody who answers is left alone."""

from collections.abc import Iterator

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


RULES = (shares_not_100, no_exit, enroll_cycle)
