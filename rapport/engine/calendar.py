"""Moving through time as the language means it: elapsed minutes and hours, calendar days, business days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, islice
from zoneinfo import ZoneInfo

from rapport.dsl.duration import Duration, Unit
from rapport.engine.public_holidays import is_public_holiday

_DAY = timedelta(days=1)
_SATURDAY = 5


def add(start: datetime, duration: Duration, zone: ZoneInfo, country: str) -> datetime:
    """The instant that lies `duration` after `start` (before it when negative), in UTC.

    Minutes and hours are elapsed time. Days, weeks and business days keep the local time of day in `zone`.
    """
    elapsed = duration.elapsed
    if elapsed is not None:
        return start.astimezone(UTC) + elapsed
    if duration.count == 0:
        return start.astimezone(UTC)
    local = start.astimezone(zone)
    return settle(datetime.combine(shift(local.date(), duration, country), local.time()), zone)


def shift(day: date, duration: Duration, country: str) -> date:
    """The day that lies so many days, weeks or business days away; minutes and hours leave the day as it is."""
    match duration.unit:
        case Unit.DAY:
            return day + duration.count * _DAY
        case Unit.WEEK:
            return day + 7 * duration.count * _DAY
        case Unit.BUSINESS_DAY:
            return _shift_business_days(day, duration.count, country)
        case Unit.MINUTE | Unit.HOUR:
            return day


def is_business_day(day: date, country: str) -> bool:
    """Whether people work on this day: Monday to Friday, public holidays of the country aside."""
    return day.weekday() < _SATURDAY and not is_public_holiday(day, country)


def at_local(day: date, hhmm: str, zone: ZoneInfo) -> datetime:
    """The instant of a local time of day `HH:MM`, in UTC; `24:00` is the midnight that ends the day."""
    return settle(datetime.combine(day, time()) + _since_midnight(hhmm), zone)


def settle(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time, in UTC: a skipped time moves forward, the first of two counts."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


# A project has a handful of times of day; walks ask for the same ones over and over.
@lru_cache(maxsize=256)
def _since_midnight(hhmm: str) -> timedelta:
    hours, minutes = (int(part) for part in hhmm.split(":"))
    return timedelta(hours=hours, minutes=minutes)


def _shift_business_days(day: date, number: int, country: str) -> date:
    """Count business days, the day it starts on left out."""
    if number == 0:
        return day
    ahead = (day for day in _days_from(day, 1 if number > 0 else -1) if is_business_day(day, country))
    return next(islice(ahead, abs(number) - 1, None))


def _days_from(day: date, direction: int) -> Iterator[date]:
    return (day + steps * direction * _DAY for steps in count(1))
