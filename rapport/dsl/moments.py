"""Days as files write them: a date field, or a date that exists."""

import re
from datetime import date
from zoneinfo import ZoneInfo

from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import quoted

_SHAPE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
LIKE_A_DATE = re.compile(r"[0-9]{1,4}[-./].*")


def is_date(text: object) -> bool:
    """Whether it is a day, with or without a time, that the calendar has."""
    match = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return False
    try:
        date.fromisoformat(match["day"])
    except ValueError:
        return False
    return True


def date_problem(subject: Subject, at: At) -> Problem | None:
    """The problem when a value is no date."""
    if is_date(at.value):
        return None
    shaped = isinstance(at.value, str) and _SHAPE.fullmatch(at.value)
    message = f"{quoted(at.value)} is not {'a day of the calendar' if shaped else 'a date'}"
    return subject.at_value(at, "bad-date", message, "write a date as 2026-03-01")


def is_zone(name: str) -> bool:
    """Whether the time zone database has this zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path out of the database, or a folder of it
        return False
    return True
