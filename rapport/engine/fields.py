"""Reading fields: what a path such as `candidate.score` or `event.starts_at` is worth in a situation."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum, auto
from typing import Any, Final
from zoneinfo import ZoneInfo

from rapport.dsl.project import Project
from rapport.engine.calendar import settle
from rapport.engine.consent import purposes_agreed_to
from rapport.engine.places import home_of_organization, person_zone, zone_named
from rapport.engine.situation import MailFacts, Situation


class Missing(Enum):
    """The type of MISSING, so that a value and its absence cannot be mixed up."""

    MISSING = auto()


MISSING: Final = Missing.MISSING
_NEVER_MISSING: Mapping[str, Any] = {"score": 0, "tags": [], "skills": [], "pools": []}
_EVENT_DATES = ("starts_at", "ends_at")


def look_up(field: str, situation: Situation) -> Any:
    """The value of a field; MISSING when it is absent, None or an empty text."""
    head, _, rest = field.partition(".")
    match head:
        case "enrolled_at":
            value: Any = situation.enrolled_at
        case "candidate":
            value = _of_candidate(rest, situation)
        case "event":
            value = _of_event(rest, situation)
        case "application":
            value = _descend(situation.application, rest)
        case "mail":
            value = _became_of(situation.mails.get(rest))
        case _:
            value = _descend(situation.reads.get(head, {}), rest)
    return MISSING if value is None or value == "" else value


def _of_candidate(name: str, situation: Situation) -> Any:
    if name == "consent":
        return purposes_agreed_to(situation)
    found = _descend(situation.candidate, name)
    if found is None and name == "email_domain":
        return _domain(situation.candidate.get("email"))
    return _NEVER_MISSING.get(name) if found is None else found


def _domain(email: Any) -> str | None:
    return email.rpartition("@")[2].lower() if isinstance(email, str) and "@" in email else None


def _of_event(name: str, situation: Situation) -> Any:
    """An event that was called off has no dates any more."""
    if name in _EVENT_DATES and situation.event.get("cancelled"):
        return None
    return _descend(situation.event, name)


def _became_of(mail: MailFacts | None) -> Sequence[str]:
    """What happened to a mail so far, as a list of words: nothing has, before it is sent."""
    return [word.name for word in fields(MailFacts) if mail and getattr(mail, word.name) is not None]


def _descend(tree: Any, path: str) -> Any:
    for key in path.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def date_field(path: str, situation: Situation, project: Project) -> datetime | date | None:
    """The instant (in UTC) or the bare day of a date field or of a literal `YYYY-MM-DD`; None when it is not known.

    A time without an offset is local: to the event for its own dates, to the candidate for all others.
    """
    value = look_up(path, situation)
    read = _read_date(path if value is MISSING else value)
    if not isinstance(read, datetime):
        return read
    try:
        return settle(read, _zone_of(path, situation, project)) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:  # year 1 or 9999: somebody's way to write "not known"
        return None


def day_of(path: str, situation: Situation, project: Project) -> date | None:
    """The day of a date field in the candidate's time zone; None when it is not known."""
    found = date_field(path, situation, project)
    if not isinstance(found, datetime):
        return found
    try:
        return found.astimezone(person_zone(situation, project)).date()
    except OverflowError:  # the last hours of year 9999
        return None


def _read_date(value: Any) -> datetime | date | None:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(value)
        except ValueError:
            continue
    return None


def _zone_of(path: str, situation: Situation, project: Project) -> ZoneInfo:
    if path.startswith("event."):
        return zone_named(situation.event.get("zone"), otherwise=home_of_organization(project).zone)
    return person_zone(situation, project)
