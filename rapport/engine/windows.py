"""Windows of time in which mails may go; one span of instants a day, so that DST has one meaning everywhere."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rapport.dsl.project import WEEKDAYS, Window
from rapport.engine.calendar import at_local
from rapport.engine.places import Place, zone_named
from rapport.engine.public_holidays import is_public_holiday
from rapport.errors import ConfigurationError

# More than a year: a window on one weekday still opens once its holidays have gone by.
_HORIZON_DAYS = 400


class NeverOpens(ConfigurationError):
    """No instant within the next 400 days fits a window, or the hours that the contact policy leaves of it."""

    def __init__(self, *, windows: Sequence[Window], at: datetime) -> None:
        self.windows, self.at = tuple(windows), at
        hours = " and ".join(f"{'/'.join(window.days)} {window.opens}-{window.closes}" for window in windows)
        super().__init__(
            f"No mail may go in the {_HORIZON_DAYS} days after {at:%Y-%m-%d} within {hours}.",
            hint="Widen the window or contact_policy.never_between in project.yaml.",
        )


def is_open(window: Window, at: datetime, *, person: Place, organization: Place) -> bool:
    """Whether a mail may go at this instant: `opens` is included, `closes` is not."""
    return any(opens <= at < closes for opens, closes in _spans(window, at, person, organization, days=1))


def next_open(window: Window, at: datetime, *, person: Place, organization: Place) -> datetime:
    """The first instant from `at` on at which the window is open; NeverOpens when none comes within 400 days.

    A window that closes before it opens runs over midnight and belongs to the day on which it opens.
    """
    for opens, closes in _spans(window, at, person, organization, days=_HORIZON_DAYS):
        if max(opens, at) < closes:
            return max(opens, at)
    raise NeverOpens(windows=[window], at=at)


def first_open(
    windows: Mapping[str, Window], at: datetime, *, person: Place, organization: Place
) -> tuple[datetime, str | None]:
    """The first instant from `at` on at which all windows are open, and the window that opened last.

    The name is None when all are open at `at`. NeverOpens when they do not meet within 400 days.
    """
    if not windows:
        return at, None
    instant, opened_last = at, None
    while instant - at <= timedelta(days=_HORIZON_DAYS):
        opens = {name: next_open(windows[name], instant, person=person, organization=organization) for name in windows}
        latest = max(opens, key=opens.__getitem__)
        if opens[latest] == instant:
            return instant, opened_last
        instant, opened_last = opens[latest], latest
    raise NeverOpens(windows=list(windows.values()), at=at)


def allowed_hours(never_between: tuple[str, str]) -> Window:
    """The hours of the candidate's day that a `never_between` leaves: from its end on, until it begins."""
    begins, ends = never_between
    return Window(opens=ends, closes=begins)


def outside(never_between: tuple[str, str], at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant from `at` on that is outside the period; its start is inside, its end is not."""
    anywhere = Place(zone=zone, country="")
    return next_open(allowed_hours(never_between), at, person=anywhere, organization=anywhere)


def _spans(
    window: Window, at: datetime, person: Place, organization: Place, *, days: int
) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the window is open, day by day; the first may be yesterday's, still open after midnight."""
    zone = _zone(window, person, organization)
    today = at.astimezone(zone).date()
    closes_next_day = timedelta(days=int(window.closes <= window.opens))
    for ahead in range(-1, days):
        day = today + timedelta(days=ahead)
        if WEEKDAYS[day.weekday()] not in window.days:
            continue
        country = _holiday_country(window, person, organization)
        if country is None or not is_public_holiday(day, country):
            yield at_local(day, window.opens, zone), at_local(day + closes_next_day, window.closes, zone)


def _zone(window: Window, person: Place, organization: Place) -> ZoneInfo:
    if window.zone == "candidate":
        return person.zone
    return zone_named(window.zone, otherwise=organization.zone)


def _holiday_country(window: Window, person: Place, organization: Place) -> str | None:
    match window.holidays:
        case "candidate":
            return person.country
        case "organization":
            return organization.country
        case _:
            return None
