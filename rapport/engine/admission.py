"""Who may enter a sequence: consent, the condition of its start, and how often; the same for every door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rapport.dsl.model import Start
from rapport.dsl.project import Project
from rapport.engine import calendar, consent, evaluate
from rapport.engine.places import home_of_person
from rapport.engine.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An earlier enrollment of the same person in the same sequence, for the same `once_per` key."""

    began: datetime
    running: bool


def refusal(
    start: Start, situation: Situation, project: Project, before: Sequence[Before], *, again: bool = False
) -> str | None:
    """Why the person may not enter now, as a stable word; None when they may.

    `before` holds the earlier enrollments that count: all of them, or those with the same `once_per` key.
    `again` lets a person enter again by hand; a running enrollment still refuses.
    """
    if any(earlier.running for earlier in before):
        return "already_enrolled"
    if consent.consent(situation, project).verdict == "end":
        return "no_consent"
    if start.only_if is not None and not evaluate.holds(start.only_if, situation, project):
        return "only_if"
    if before and not again and not _may_return(start, situation, project, before):
        return "again_after" if start.again_after else "once"
    return None


def _may_return(start: Start, situation: Situation, project: Project, before: Sequence[Before]) -> bool:
    if start.once or start.again_after is None:
        return False
    home = home_of_person(situation, project)
    last = max(earlier.began for earlier in before)
    return situation.at >= calendar.add(last, start.again_after, home.zone, home.country)
