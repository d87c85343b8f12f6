"""Lengths of time as marketers write them: `7 days`, `36 hours`, `5 business days`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_SHAPE = re.compile(r"(?P<sign>[+-]?) ?(?P<count>\d{1,5}) (?P<unit>minute|hour|day|week|business day)s?")


class Unit(StrEnum):
    """The units of the language; months are left out because their length differs."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    BUSINESS_DAY = "business day"


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number of one unit; negative only as an offset."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `7 days` or `-1 day`; ValueError says what a duration looks like."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            message = f'"{text}" is not a length of time; write a number and a unit, like "7 days"'
            raise ValueError(message)
        count = int(match["count"])
        return cls(-count if match["sign"] == "-" else count, Unit(match["unit"]))

    def __str__(self) -> str:
        """Write it as a marketer would."""
        return f"{self.count} {self.unit}{'' if abs(self.count) == 1 else 's'}"

    @property
    def elapsed(self) -> timedelta | None:
        """The exact length of minutes and hours; None for units that follow the calendar."""
        match self.unit:
            case Unit.MINUTE:
                return timedelta(minutes=self.count)
            case Unit.HOUR:
                return timedelta(hours=self.count)
            case _:
                return None

    def roughly(self) -> timedelta:
        """Roughly how long it is, for limits and rolling windows: a day is 24 hours."""
        days = {Unit.DAY: 1.0, Unit.WEEK: 7.0, Unit.BUSINESS_DAY: 1.4}
        return self.elapsed or timedelta(days=days[self.unit] * self.count)
