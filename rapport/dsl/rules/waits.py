"""Waits: long enough for people, and ending on days on which something can happen."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from rapport.dsl.compose import Route
from rapport.dsl.duration import Duration, Unit
from rapport.dsl.moments import LIKE_A_DATE, is_date
from rapport.dsl.problem import Problem
from rapport.dsl.project import WEEKDAYS, Window
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import quoted

_BUSINESS_DAY = timedelta(days=1)
_DAY = timedelta(days=1)
_WAITS = ("wait", "wait_until", "wait_for")
_LAST_YEAR = date(9990, 1, 1).toordinal()  # the calendar ends soon after
_SPOKEN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def short_within(subject: Subject) -> Iterator[Problem]:
    """People read their mail once a day, and not on weekends."""
    for at in subject.having("within"):
        length = Duration.parse(at.value).elapsed
        if length is not None and length < _BUSINESS_DAY:
            message = f"{quoted(at.value)} is less than one business day: whoever looks tomorrow counts as silent"
            yield subject.at_value(at, "short-within", message, "give people `1 business day` or more")


def weekend_landing(subject: Subject) -> Iterator[Problem]:
    """A date of the calendar has a weekday, and on some of them the next mail's window stays closed."""
    for at in _fixed_days(subject):
        day = _landing(at.value)
        window = _next_window(subject, at)
        if day is None or window is None or _is_open(window[1], day):
            continue
        opens = next(day + ahead * _DAY for ahead in range(1, 8) if _is_open(window[1], day + ahead * _DAY))
        message = f"{day} is a {_SPOKEN[day.weekday()]}, on which {quoted(window[0])} is closed: the mail waits"
        step = f"take {opens}, a {_SPOKEN[opens.weekday()]}, or another window"
        yield subject.at_value(At(at.value["day"], (*at.route, "day")), "weekend-landing", message, step)


def _is_open(window: Window, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in window.days


def _fixed_days(subject: Subject) -> Iterator[At]:
    for key in ("wait_until", "until"):
        for at in subject.having(key):
            if LIKE_A_DATE.fullmatch(at.value["day"]) and is_date(at.value["day"]):
                yield at


def _landing(moment: Mapping[str, Any]) -> date | None:
    """The day on which a moment lies; None where it follows business days, which are never weekends."""
    day = date.fromisoformat(moment["day"][:10])
    offset = Duration.parse(moment.get("offset", "0 days"))
    match offset.unit:
        case Unit.DAY:
            days = offset.count
        case Unit.WEEK:
            days = 7 * offset.count
        case Unit.BUSINESS_DAY:
            return None
        case _:
            days = 0
    landing = day.toordinal() + days
    return date.fromordinal(landing) if 0 < landing < _LAST_YEAR else None


def _next_window(subject: Subject, at: At) -> tuple[str, Window] | None:
    """The window, with its name, of the mail that follows a wait at once; None when nobody can say."""
    if at.step is None or subject.project is None:
        return None
    branch = at.step.step.get("else" if at.route[-1] == "until" else "then")
    following = branch or _below(subject, at.step.route)
    send = next((step for step in _until_next_wait(following) if "send" in step), None)
    default = subject.top("defaults", "send_between")
    name = send.get("send_between", default.value if default else None) if send else None
    if not isinstance(name, str) or name not in subject.project.windows:
        return None
    return name, subject.project.windows[name]


def _below(subject: Subject, route: Route) -> Sequence[Any]:
    """The steps below this one in its list."""
    steps: Any = subject.loaded.tree
    for part in route[:-1]:
        steps = steps[part]
    place = route[-1]
    return steps[place + 1 :] if isinstance(place, int) else ()


def _until_next_wait(steps: Any) -> Iterator[Mapping[str, Any]]:
    """The steps that are done in one go; where the ways part, nothing is known."""
    for step in steps if isinstance(steps, list) else ():
        if not isinstance(step, dict) or any(verb in step for verb in (*_WAITS, "if", "split", "stop")):
            return
        yield step


RULES = (short_within, weekend_landing)
