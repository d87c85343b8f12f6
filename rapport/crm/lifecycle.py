"""Where a person stands in their life with the company, and how news moves them: one rule for all doors.

| what happens | the stage becomes |
|---|---|
| clicked, replied, submitted, registered for an event, attended | `consideration`, from `awareness` or none |
| applied | `applicant`; not from `in-process` or `hired` |
| stage changed | `in-process`; not from `hired` |
| withdrew | `consideration`; not from `hired` or `alumni` |
| rejected | `rejected`; not from `hired` or `alumni` |
| hired | `hired` |

An ATS that takes its own hire back (unhire) leads away from `hired`: the person then stands where all of their
applications have them.
While another application is under way, a rejection or a withdrawal leaves the person where that one has them.
When two records become one, the stage that is further to the right leads: `awareness`, `consideration`, `rejected`,
`alumni`, `applicant`, `in-process`, `hired`.
By hand a person can be put anywhere; `alumni` (someone who worked here) comes about in no other way, and only a new
application leads away from it.
"""

from collections.abc import Mapping
from typing import Final

from rapport.dsl.stages import ALUMNI, APPLICANT, AWARENESS, CONSIDERATION, HIRED, IN_PROCESS, REJECTED

# What shows interest: the person did it, nobody else.
_INTEREST: Final = ("clicked", "replied", "submitted", "registered_for_event", "attended")
_BECOMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_INTEREST, CONSIDERATION),
    "applied": APPLICANT,
    "stage_changed_to": IN_PROCESS,
    "withdrew": CONSIDERATION,
    "rejected": REJECTED,
    "hired": HIRED,
}
_STAYS: Final[Mapping[str, frozenset[str]]] = {
    "applied": frozenset({IN_PROCESS, HIRED}),
    "stage_changed_to": frozenset({HIRED}),
    "withdrew": frozenset({HIRED, ALUMNI}),
    "rejected": frozenset({HIRED, ALUMNI}),
}
MOVING: Final = frozenset(_BECOMES)
# Of two records of one person, the one that leads. Where they disagree, the one that keeps us from writing: who was
# hired under one name must not be courted under the other.
_LEADS: Final = (AWARENESS, CONSIDERATION, REJECTED, ALUMNI, APPLICANT, IN_PROCESS, HIRED)


def stage_of_both(one: str | None, other: str | None) -> str | None:
    """Where somebody stands of whom there were two records; the order of many makes no difference."""
    known = [stage for stage in (one, other) if stage is not None]
    return max(known, key=lambda stage: _LEADS.index(stage) if stage in _LEADS else -1, default=None)


def stage_after(stage: str | None, kind: str, *, under_way: str | None = None) -> str | None:
    """The stage of someone in `stage` to whom something of this kind happens.

    `under_way` is `applicant` or `in-process` while another application of theirs is, else None.
    """
    becomes = _BECOMES.get(kind)
    if becomes is None or stage in _STAYS.get(kind, ()):
        return stage
    if kind in _INTEREST and stage not in (None, AWARENESS):
        return stage
    return under_way if under_way and kind in ("rejected", "withdrew") else becomes
