"""Which walks hear of a happening, and in how few words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rapport.dsl.events import ALWAYS_ON, MAIL_EVENTS, PAUSES, PER_PURPOSE, STEERING, Pattern
from rapport.dsl.plan import Plan
from rapport.engine.happening import Happening, matches
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.incoming import Incoming

# What a walk needs of the kinds that it always listens to; all other words stay in the store.
_ALWAYS_SAID: Mapping[str, tuple[str, ...]] = {
    "unsubscribed": ("purpose",),
    "consent_withdrawn": ("purpose",),
    "out_of_office": ("until",),
    "event_changed": ("event",),
    "event_cancelled": ("event",),
}
_ALWAYS_HEARD = frozenset({*ALWAYS_ON, *STEERING, *PAUSES})


def happening_of(incoming: Incoming, identity: str, detail: Mapping[str, Any]) -> Happening:
    """The happening in full, as triggers and patterns look at it; not what a walk is told."""
    words = {key: str(value) for key, value in detail.items() if isinstance(value, str | int)}
    return Happening(
        id=identity, kind=incoming.kind, at=incoming.at, step=incoming.step, link=incoming.link, detail=words
    )


def as_heard(happening: Happening, incoming: Incoming, walk: EnrollmentRow, plan: Plan) -> Happening | None:
    """What this walk is told of it; None when it is none of its business.

    Only words that the plan itself names leave the store: an ATS's free text never reaches a workflow. What one of the
    walk's own mails has led to came after the walk began, whatever the clock says that it came by.
    """
    told = _addressed(happening, incoming, walk)
    if told is None or not _concerns(told, plan):
        return None
    matching = [pattern for pattern in plan.listens if matches(pattern, told, event=walk.event)]
    if not matching and told.kind not in _ALWAYS_HEARD:
        return None
    said = {*_ALWAYS_SAID.get(told.kind, ()), *(word for pattern in matching for word in _words_of(pattern))}
    at = max(told.at, walk.enrolled_at) if incoming.enrollment == walk.id else told.at
    return replace(told, at=at, detail={key: value for key, value in told.detail.items() if key in said})


def _addressed(happening: Happening, incoming: Incoming, walk: EnrollmentRow) -> Happening | None:
    """A mail of another walk: its clicks are not ours, a reply to it is a reply of the same person."""
    if happening.kind not in MAIL_EVENTS or incoming.enrollment == walk.id:
        return happening
    return replace(happening, step=None, link=None) if happening.kind == "replied" else None


def _concerns(happening: Happening, plan: Plan) -> bool:
    """A withdrawal of one purpose leaves the walks of the others alone."""
    if happening.kind not in PER_PURPOSE:
        return True
    return happening.detail.get("purpose") in (None, "all", plan.purpose)


def _words_of(pattern: Pattern) -> tuple[str, ...]:
    named = tuple(key for key, _ in pattern.where)
    about_event = ("event",) if pattern.this_event else ()
    about_score = ("score",) if pattern.at_least is not None else ()
    return (*named, *about_event, *about_score)
