"""Values of fields that cannot be just any text: countries, zones, languages, stages, pools, purposes, people."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rapport.dsl.moments import is_zone
from rapport.dsl.problem import Problem
from rapport.dsl.stages import OUTCOMES, STAGES, STATUSES
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, listed, one_of, quoted


@dataclass(frozen=True, slots=True)
class _Written:
    """How the values of a field are written."""

    fits: Callable[[str], object]
    rule: str
    what: str
    step: str


@dataclass(frozen=True, slots=True)
class _Closed:
    """The only words that a field can hold."""

    rule: str
    noun: str
    words: tuple[str, ...]
    beside: str = ""


_ZONE = _Written(is_zone, "bad-zone", "is no time zone", "write one like `Europe/Berlin`")
_WRITTEN: Mapping[str, _Written] = {
    "candidate.country": _Written(
        re.compile(r"[A-Z]{2}").fullmatch,
        "bad-value",
        "is not how a country is written",
        "write two capitals, like `DE`",
    ),
    "candidate.locale": _Written(
        re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*").fullmatch,
        "bad-value",
        "is not how a language is written",
        "write it like `de` or `pt-BR`",
    ),
    "candidate.timezone": _ZONE,
    "event.zone": _ZONE,
}
_CLOSED = {
    # Those of an ATS are the ones that are mistaken for them.
    "candidate.stage": _Closed(
        "unknown-stage", "stage of people", STAGES, "; stages of the ATS are asked by `application.stage`"
    ),
    "application.status": _Closed("bad-value", "status of applications", STATUSES),
    "application.outcome": _Closed("bad-value", "outcome of applications", OUTCOMES),
}
_DECLARED = {
    "candidate.pools": ("pool", "unknown-pool", ("pools",)),
    "candidate.consent": ("purpose", "unknown-purpose", ("consent", "purposes")),
    "candidate.owner_recruiter": ("person", "unknown-person", ("people",)),
}


def value_problem(subject: Subject, at: At, field: str) -> Problem | None:
    """What is wrong with one value that a field is compared with, beyond its kind; None when nothing is."""
    if (written := _WRITTEN.get(field)) and not written.fits(at.value):
        return subject.at_value(at, written.rule, f"{quoted(at.value)} {written.what}", written.step)
    if (closed := _CLOSED.get(field)) and at.value not in closed.words:
        message = f"no {closed.noun} is called {quoted(at.value)}{did_you_mean(at.value, closed.words)}"
        return subject.at_value(at, closed.rule, message, f"use one of {listed(closed.words)}{closed.beside}")
    if declared := _DECLARED.get(field):
        return _unknown(subject, at, *declared)
    return None


def _unknown(subject: Subject, at: At, noun: str, rule: str, keys: tuple[str, ...]) -> Problem | None:
    known = _declared(subject, keys)
    if known is None or at.value in known:
        return None
    message = f"no {noun} is called {quoted(at.value)}{did_you_mean(at.value, known)}"
    where = f"`{keys[0]}: {{{keys[1]}: …}}`" if len(keys) > 1 else f"`{keys[0]}`"
    return subject.at_value(at, rule, message, one_of(known, empty=f"declare it in {where} of project.yaml"))


def _declared(subject: Subject, keys: tuple[str, ...]) -> Iterable[str] | None:
    """The names that project.yaml declares; None while it cannot be read."""
    project = subject.declaring(keys[0])
    if project is not None:
        return {"pools": project.pools, "people": project.people}.get(keys[0], project.purposes)
    found = subject.top(*keys) if "organization" in subject.loaded.tree else None
    return found.value if found else None
