"""When waits are over: moments that hang on a date, and lengths of time since a step began."""

from contextlib import suppress
from datetime import date, datetime

from rapport.dsl.duration import Duration
from rapport.dsl.model import Moment, Wait, WaitFor, WaitUntil
from rapport.dsl.plan import Node
from rapport.dsl.project import Project
from rapport.engine.calendar import add, at_local, shift
from rapport.engine.consent import consent_until
from rapport.engine.fields import date_field
from rapport.engine.places import Place, home_of_person
from rapport.engine.runtime import Due
from rapport.engine.situation import Situation

_MIDNIGHT = "00:00"


def due(node: Node, since: datetime, situation: Situation, project: Project) -> Due:
    """When the wait of this node, entered at `since`, is over; ValueError for a node that is no wait."""
    at: datetime | None
    match node.action:
        case Wait(duration=duration):
            at = _after(since, duration, situation, project)
        case WaitFor(within=Duration() as within):
            at = _after(since, within, situation, project)
        case WaitUntil(moment=until) | WaitFor(until=Moment() as until):
            at = moment(until, situation, project)
        case _:
            raise ValueError(f"the step {node.id} ({node.verb}) waits for nothing; ask for the due time of waits only")
    return Due(at=at, consent_until=consent_until(situation, project))


def moment(wanted: Moment, situation: Situation, project: Project) -> datetime | None:
    """The instant that a moment means for this candidate, in UTC; None when its date is not known.

    The day is that of the date in the candidate's zone, moved by the offset; without `at`, the date's own time of
    day holds, or 00:00 for a bare date. An offset in minutes or hours is elapsed time, added last.
    """
    found = date_field(wanted.day, situation, project)
    if found is None:
        return None
    with suppress(OverflowError):  # past the year 9999, or before the first: as good as not known
        return _instant(found, wanted, home_of_person(situation, project))
    return None


def _instant(found: datetime | date, wanted: Moment, home: Place) -> datetime:
    offset = wanted.offset
    if isinstance(found, datetime) and wanted.at is None:
        return add(found, offset, home.zone, home.country) if offset else found
    day = found.astimezone(home.zone).date() if isinstance(found, datetime) else found
    moved = shift(day, offset, home.country) if offset else day
    instant = at_local(moved, wanted.at or _MIDNIGHT, home.zone)
    return instant + offset.elapsed if offset and offset.elapsed is not None else instant


def _after(since: datetime, duration: Duration, situation: Situation, project: Project) -> datetime:
    home = home_of_person(situation, project)
    return add(since, duration, home.zone, home.country)
