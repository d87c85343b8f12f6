"""Warnings: what is allowed and probably not meant."""

from collections.abc import Iterator, Mapping

from rapport.dsl.conditions import fields_of
from rapport.dsl.outline import Placed, may_precede
from rapport.dsl.problem import Problem
from rapport.dsl.project import Project
from rapport.dsl.subject import At, Subject, tests_in

_SCORE = "candidate.score"
_NEGATIVE = ("is_not", "exclude")


def open_as_gate(subject: Subject) -> Iterator[Problem]:
    """Opens are known for few people only, and many are made by machines."""
    for at in subject.having("wait_for"):
        if "opened" in at.value:
            place = At(at.value, (*at.route, "opened"))
            message = "opens are known only where people agreed to being measured"
            yield subject.at_key(place, "open-as-gate", message, "wait for a click instead")


def same_mail_twice(subject: Subject) -> Iterator[Problem]:
    """One person may get one mail twice."""
    earlier: dict[str, list[Placed]] = {}
    for at in subject.having("send"):
        if not at.step:
            continue
        before = next((sent for sent in earlier.get(at.value, []) if may_precede(sent.route, at.route)), None)
        if before:
            message = f'"{before.id}" above sends the mail "{at.value}" as well; one person may get it twice'
            yield subject.at_value(at, "same-mail-twice", message, "send another mail, or only in one branch")
        earlier.setdefault(at.value, []).append(at.step)


def guard_by_negation(subject: Subject) -> Iterator[Problem]:
    """A stop that asks for what is not so lets people through when nothing is known."""
    for at in subject.having("stop"):
        guard = at.step.step.get("if") if at.step else None
        if not isinstance(guard, Mapping) or at.step is None:
            continue
        for test in tests_in(At(guard, (*at.step.route, "if"), at.step)):
            negative = next((key for key in _NEGATIVE if isinstance(test.value, Mapping) and key in test.value), None)
            if negative:
                message = "a value that is not known makes this false, so the walk goes on and mails"
                step = "say what must hold: `stop: … , unless: {…}`"
                place = At(test.value, (*test.route, negative))
                yield subject.at_key(place, "guard-by-negation", message, step)


def score_never_read(subject: Subject) -> Iterator[Problem]:
    """A score that no condition, no segment and no text looks at is counted for nothing."""
    scoring = next(subject.having("score"), None)
    project = subject.declaring("pools")
    if scoring is None or project is None or _is_score_read(subject, project):
        return
    message = "nothing in this folder looks at `candidate.score`: no condition, no segment, no mail"
    yield subject.at_key(scoring, "score-never-read", message, "ask for it somewhere, or delete the score steps")


def no_stand_in_sender(subject: Subject) -> Iterator[Problem]:
    """Not everybody has a recruiter, and then somebody else has to write."""
    if subject.project is None:
        return
    senders, default = subject.project.senders, subject.top("defaults", "from")
    writers = [at.step.step.get("from", default.value if default else None) for at in subject.having("send") if at.step]
    known = [senders[key] for key in writers if key in senders]
    if len(known) < len(writers) or any(sender.recruiter is None for sender in known):
        return
    places = [*([default] if default else []), *subject.having("from")]
    for at in places:
        if at.value in writers and senders[at.value].recruiter == "owner":
            message = "not every candidate has a recruiter, and no other sender writes in this sequence"
            step = "let another mail come from a sender with a name and an email: that one stands in"
            yield subject.at_value(at, "no-stand-in-sender", message, step)
            return


def _is_score_read(subject: Subject, project: Project) -> bool:
    if any(other.reads(_SCORE) for other in (subject, *subject.sequences.values())):
        return True
    if any(pool.members and _SCORE in fields_of(pool.members) for pool in project.pools.values()):
        return True
    return any(use.path == _SCORE for text in subject.mails.shown.values() for use in text.uses)


RULES = (open_as_gate, same_mail_twice, guard_by_negation, score_never_read, no_stand_in_sender)
