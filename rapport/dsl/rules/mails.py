"""Mails: those that steps send are there, and those that events wait for have been sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from rapport.dsl.events import MAIL_EVENTS
from rapport.dsl.outline import Placed, may_precede
from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, one_of, quoted


def missing_template(subject: Subject) -> Iterator[Problem]:
    """A send step's mail is a file."""
    for at in subject.having("send"):
        if at.value not in subject.mails.names:
            message = f"there is no mail {quoted(at.value)}{did_you_mean(at.value, subject.mails.names)}"
            step = f"write mails/{at.value}.md, or use the name of a mail that is there"
            yield subject.at_value(at, "missing-template", message, step)


def missing_note(subject: Subject) -> Iterator[Problem]:
    """An ATS note's text is a file."""
    for step in subject.having("ats"):
        note = step.value.get("add_note")
        if note is not None and note not in subject.mails.notes:
            at = At(note, (*step.route, "add_note"))
            message = f"there is no note {quoted(note)}{did_you_mean(note, subject.mails.notes)}"
            yield subject.at_value(at, "missing-template", message, f"write mails/notes/{note}.md")


def unknown_mail(subject: Subject) -> Iterator[Problem]:
    """A mail event names a send step, by its id, that can have happened by then."""
    for at in _awaited_mails(subject):
        if at.value not in subject.sends:
            yield _no_such_step(subject, at)
        elif at.step and not may_precede(subject.sends[at.value].route, at.step.route):
            message = f'at this point "{at.value}" cannot have been sent'
            yield subject.at_value(at, "mail-not-yet-sent", message, "wait for a mail that is sent above this step")
        elif at.route[0] == "start":
            message = "a walk that has not begun has sent no mail"
            yield subject.at_value(at, "unknown-mail", message, "write `any`, or start with another event")


def unknown_link(subject: Subject) -> Iterator[Problem]:
    """A link that a step waits for is in the mail, in all its languages."""
    for event in subject.events():
        if "clicked" in event.value:
            yield from links_not_there(subject, At(event.value["clicked"], (*event.route, "clicked")), subject.sends)


def links_not_there(subject: Subject, clicked: At, sends: Mapping[str, Placed]) -> Iterator[Problem]:
    """What is wrong with the link of a click, if it names one, where these steps send the mails."""
    if not isinstance(clicked.value, dict) or "link" not in clicked.value:
        return
    at = At(clicked.value["link"], (*clicked.route, "link"))
    sent = sends.get(clicked.value["step"])
    mail = sent.step.get("send") if sent else None
    for language, source in subject.mails.versions_of(mail) if isinstance(mail, str) else ():
        if at.value not in source.links:
            name = f"{mail}.{language}" if language else mail
            message = f'the mail "{name}" has no link {quoted(at.value)}{did_you_mean(at.value, source.links)}'
            step = one_of(source.links, empty=f"write link('{at.value}', 'https://…') in mails/{name}.md")
            yield subject.at_value(at, "unknown-link", message, step)


def _awaited_mails(subject: Subject) -> Iterator[At]:
    for event in subject.events():
        for kind in MAIL_EVENTS:
            target: Any = event.value.get(kind)
            route = (*event.route, kind)
            if isinstance(target, dict):
                target, route = target["step"], (*route, "step")
            if target not in {None, "any"}:
                yield At(target, route, event.step)


def _no_such_step(subject: Subject, at: At) -> Problem:
    by_mail = next((id_ for id_, placed in subject.sends.items() if placed.step.get("send") == at.value), None)
    if by_mail:
        message = f'{quoted(at.value)} is a mail; events name the step that sends it — did you mean "{by_mail}"?'
    else:
        message = f"no send step is called {quoted(at.value)}{did_you_mean(at.value, subject.sends)}"
    return subject.at_value(at, "unknown-mail", message, one_of([*subject.sends, "any"], empty="write `any`"))


RULES = (missing_template, missing_note, unknown_mail, unknown_link)
