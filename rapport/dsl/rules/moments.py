"""Moments: days that exist, fields that are dates, lengths that somebody lives to see."""

from collections.abc import Iterator
from datetime import timedelta

from rapport.dsl.catalogue import Kind
from rapport.dsl.duration import Duration
from rapport.dsl.moments import LIKE_A_DATE, date_problem
from rapport.dsl.problem import Problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, one_of, quoted

# Longer than any consent lasts; beyond it, dates leave what calendars and timers can hold.
_LONGEST = timedelta(days=3660)


def bad_day(subject: Subject) -> Iterator[Problem]:
    """`day` is a date field or a date of the calendar."""
    for at in _days(subject):
        if LIKE_A_DATE.fullmatch(at.value):
            problem = date_problem(subject, at)
            if problem:
                yield problem
        elif subject.fields.get(at.value) is not Kind.DATE and not _of_a_reading(subject, at.value):
            dates = [name for name, kind in subject.fields.items() if kind is Kind.DATE]
            known = at.value in subject.fields
            rule, what = ("wrong-type", "is no date") if known else ("unknown-field", "is no field, and no date")
            message = f"{quoted(at.value)} {what}{'' if known else did_you_mean(at.value, dates)}"
            yield subject.at_value(at, rule, message, one_of(dates, empty="") + ", or write a date as 2026-03-01")


def too_long(subject: Subject) -> Iterator[Problem]:
    """No wait is longer than ten years."""
    for at in _durations(subject):
        if abs(Duration.parse(at.value).roughly()) > _LONGEST:
            message = f"{quoted(at.value)} is longer than ten years"
            yield subject.at_value(at, "bad-duration", message, "write a shorter time")


def _days(subject: Subject) -> Iterator[At]:
    for key in ("wait_until", "until"):
        for at in subject.having(key):
            yield At(at.value["day"], (*at.route, "day"))
    yield from subject.having("not_after")


def _durations(subject: Subject) -> Iterator[At]:
    if at := subject.top("start", "again_after"):
        yield at
    yield from subject.having("wait")
    yield from subject.having("within")
    for key, inner in (("wait_until", "offset"), ("until", "offset"), ("task", "due"), ("if_fails", "retry_for")):
        for at in subject.having(key):
            if isinstance(at.value, dict) and inner in at.value:
                yield At(at.value[inner], (*at.route, inner))


def _of_a_reading(subject: Subject, path: str) -> bool:
    return path.partition(".")[0] in subject.readings


RULES = (bad_day, too_long)
