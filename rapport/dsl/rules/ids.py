"""Ids: each names one step, for good."""

import re
from collections.abc import Iterator

from rapport.dsl.catalogue import ROOTS
from rapport.dsl.problem import Problem, Span
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import quoted

_NAME = re.compile(r"[a-z0-9-]{1,60}")


def file_name(subject: Subject) -> Iterator[Problem]:
    """A sequence is called what its file is called, so the file's name must be a name."""
    if not _NAME.fullmatch(subject.name):
        message = f"{quoted(subject.name)} cannot be the name of a sequence"
        step = "rename the file: small letters, digits and hyphens, like `welcome-engineering.yaml`"
        yield subject.loaded.source.problem(Span(1, 1), "bad-name", message, step)


def duplicate_id(subject: Subject) -> Iterator[Problem]:
    """Two steps with one id: figures, tests and migrations could not tell them apart."""
    first: dict[str, At] = {}
    for placed in subject.outline:
        at = At(placed.id, (*placed.route, "id"))
        if placed.id is None or not subject.sound(at.route):
            continue
        if placed.id in first:
            line = subject.loaded.value(first[placed.id].route).line
            message = f'a step called "{placed.id}" is already on line {line}'
            yield subject.at_value(at, "duplicate-id", message, "give this one another id")
        first.setdefault(placed.id, at)


def renamed_to_itself(subject: Subject) -> Iterator[Problem]:
    """`renamed` holds the old id, so no step may have it now."""
    ids = {placed.id for placed in subject.outline}
    for at in subject.having("renamed"):
        if at.value in ids:
            message = f'"{at.value}" is still the id of a step; `renamed` is for the id that this step had before'
            yield subject.at_value(at, "bad-rename", message, "write the old id, or delete `renamed`")


def name_of_reading(subject: Subject) -> Iterator[Problem]:
    """What `as` names must not hide a field."""
    for at in subject.having("as"):
        if at.value in ROOTS:
            message = f'"{at.value}" already means something else in conditions'
            yield subject.at_value(at, "bad-name", message, "choose another name, like `app`")
        elif at.step and "read" not in at.step.step["ats"]:
            message = "`as` names what an `ats: {read: …}` step has read; this step reads nothing"
            yield subject.at_key(at, "unknown-key", message, "delete `as`")


RULES = (file_name, duplicate_id, renamed_to_itself, name_of_reading)
