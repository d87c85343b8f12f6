"""Branches: they lead to different things, and a comparison compares with nothing as well."""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport.dsl.outline import Placed, branches, outline
from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject

_CHOOSING = ("if", "wait_for", "split")
_NAMES = frozenset({"id", "renamed"})
_NAMES_AND_MAILS = frozenset({*_NAMES, "send"})


def branch_same_both(subject: Subject) -> Iterator[Problem]:
    """A choice makes a difference."""
    for placed in _choices(subject):
        shapes = _shapes(placed, mails=True)
        if len(shapes) > 1 and all(shape == shapes[0] for shape in shapes) and (shapes[0] or placed.verb == "if"):
            message = f"all branches of this `{placed.verb}` do the same"
            yield _at_verb(subject, placed, "branch-same-both", message, "keep one of them, without the choice")


def copy_only_branch(subject: Subject) -> Iterator[Problem]:
    """Two texts for two kinds of people are one mail, which knows who reads it."""
    for placed in _choices(subject):
        if placed.verb != "if" or not _all_send(placed) or not _alike(placed):
            continue
        shapes = _shapes(placed, mails=True)
        if shapes[0] != shapes[1]:
            message = "the two branches differ only in which mail they send"
            step = "send one mail: with `{% if … %}` in its text, or with a file for each language"
            yield _at_verb(subject, placed, "copy-only-branch", message, step)


def no_holdout(subject: Subject) -> Iterator[Problem]:
    """Who compares two treatments wants to know as well whether they are better than none; two texts are just texts."""
    for placed in _choices(subject):
        if placed.verb == "split" and _all_send(placed) and not _alike(placed):
            message = "everybody is treated here, so that nobody can tell what would happen without"
            step = "add a variant with an empty `do`: `nobody: {share: 10%, do: []}`"
            yield _at_verb(subject, placed, "no-holdout", message, step)


def _choices(subject: Subject) -> Iterator[Placed]:
    """The steps with branches in which the schema has found nothing wrong."""
    for placed in subject.steps:
        if placed.verb in _CHOOSING and subject.sound(placed.route):
            yield placed


def _all_send(placed: Placed) -> bool:
    """Whether everybody gets a mail, whichever branch it is."""
    arms = list(branches(placed.step, placed.route))
    return len(arms) > 1 and all(any(step.verb == "send" for step in outline(steps)) for _, steps in arms)


def _alike(placed: Placed) -> bool:
    """Whether the branches differ in mails at most."""
    shapes = _shapes(placed, mails=False)
    return all(shape == shapes[0] for shape in shapes)


def _shapes(placed: Placed, *, mails: bool) -> list[Any]:
    """What each branch does, by whatever ids; an absent branch does nothing."""
    step = placed.step
    split = step["split"].values() if placed.verb == "split" else ()
    arms = [arm.get("do") for arm in split] or [step.get("then"), step.get("else")]
    if placed.verb == "wait_for" and not any(arms):
        return []  # a wait and nothing else
    return [_shape(arm or [], mails=mails) for arm in arms]


def _shape(value: Any, *, mails: bool) -> Any:
    if isinstance(value, Mapping):
        left_out = _NAMES if mails else _NAMES_AND_MAILS
        return {key: _shape(inner, mails=mails) for key, inner in value.items() if key not in left_out}
    return [_shape(item, mails=mails) for item in value] if isinstance(value, list) else value


def _at_verb(subject: Subject, placed: Placed, rule: str, message: str, step: str) -> Problem:
    return subject.at_key(At(None, (*placed.route, placed.verb or "id")), rule, message, step)


RULES = (branch_same_both, copy_only_branch, no_holdout)
