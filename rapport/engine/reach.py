"""How far into a sequence a step is reached: the earliest and the latest, in time since enrollment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache

from rapport.dsl import model
from rapport.dsl.duration import Duration, Unit
from rapport.dsl.plan import Node
from rapport.engine.choices import ELSE, IN_TIME, LATE, Choice

_NONE = timedelta()
_DAY = timedelta(days=1)
_WORK_DAYS, _WEEKEND = 5, 2
_ENROLLED = "enrolled_at"


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most time that something takes."""

    least: timedelta = _NONE
    most: timedelta = _NONE

    def __add__(self, other: "Range") -> "Range":
        """Both, one after the other."""
        return Range(self.least + other.least, self.most + other.most)

    def __sub__(self, other: "Range") -> "Range":
        """Where something began that ends here."""
        return Range(self.least - other.least, self.most - other.most)


# Where a date lies of which one of two ways knows nothing: early enough to put nothing off.
_NEVER_YET = Range(timedelta(days=-100_000), timedelta(days=-100_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """When a step is reached; windows, holidays and the contact policy are left out, and can only add to it.

    `open` names the dates that nobody knows beforehand (`event.starts_at`): waiting for them counts as no time.
    `dates` says where the dates lie that the walk has waited for; the `vague` ones among them only if it came one way.
    """

    since: Range = Range()
    open: frozenset[str] = frozenset()
    dates: Mapping[str, Range] = field(default_factory=lambda: {_ENROLLED: Range()})
    vague: frozenset[str] = frozenset()

    def later(self, by: Range) -> "Reach":
        """After a further length of time."""
        return Reach(since=self.since + by, open=self.open, dates=self.dates, vague=self.vague)

    def at_latest(self) -> "Reach":
        """The same place for those who come to it last: from here on the least of every wait is the densest walk."""
        dates = {day: Range(found.most, found.most) for day, found in self.dates.items()}
        return replace(self, since=Range(self.since.most, self.since.most), dates=dates)


@lru_cache(maxsize=1_000)
def length(duration: Duration) -> Range:
    """How much time a length of time takes; business days depend on the weekday, public holidays are left out.

    One business day from a Sunday is a day, from a Friday three.
    """
    if duration.unit is not Unit.BUSINESS_DAY:
        return Range(duration.roughly(), duration.roughly())
    number = abs(duration.count)
    if number == 0:
        return Range()
    fewest = number + _WEEKEND * ((number - 1) // _WORK_DAYS)
    most = number + _WEEKEND * -(-number // _WORK_DAYS)
    return Range(fewest * _DAY, most * _DAY) if duration.count > 0 else Range(-most * _DAY, -fewest * _DAY)


def after(reach: Reach, node: Node, choice: Choice) -> Reach:
    """When the walk leaves a step that it came to at `reach`, this way."""
    match node.action:
        case model.Wait(duration=duration):
            return reach.later(length(duration))
        case model.WaitUntil(moment=moment):
            return reach if choice.label == LATE else _until(reach, moment)
        case model.WaitFor(within=within, until=until):
            limit = reach.later(length(within)) if within else _until(reach, until) if until else reach
            return limit if choice.label == ELSE else replace(limit, since=Range(reach.since.least, limit.since.most))
        case _:
            return reach


def is_possible(reach: Reach, node: Node, choice: Choice) -> bool:
    """Whether anybody can go this way: nobody is in time for a date that lies behind them.

    A day is allowed for the time of day. Everybody can be late, because a mail before may have been held.
    """
    action = node.action
    if not isinstance(action, model.WaitUntil) or choice.label != IN_TIME:
        return True
    if action.moment.day not in reach.dates or action.moment.day in reach.vague:
        return True
    return reach.since.least <= (reach.dates[action.moment.day] + _offset(action.moment)).most + _DAY


def either(one: Reach, other: Reach) -> Reach:
    """When a step is reached to which two ways lead."""
    days = one.dates.keys() | other.dates.keys()
    return Reach(
        since=_hull(one.since, other.since),
        open=one.open | other.open,
        dates={day: _hull(one.dates.get(day, _NEVER_YET), other.dates.get(day, _NEVER_YET)) for day in days},
        vague=one.vague | other.vague | (one.dates.keys() ^ other.dates.keys()),
    )


def _hull(one: Range, other: Range) -> Range:
    return Range(min(one.least, other.least), max(one.most, other.most))


def _until(reach: Reach, moment: model.Moment) -> Reach:
    offset, now = _offset(moment), reach.since
    # An event ends after it starts; nothing else is known of two dates.
    lies = reach.dates.get(moment.day) or (
        reach.dates.get("event.starts_at") if moment.day == "event.ends_at" else None
    )
    due = lies + offset if lies else now
    since = Range(max(now.least, due.least), max(now.most, due.most))
    if moment.day in reach.dates and moment.day not in reach.vague:
        return replace(reach, since=since)
    dates = {**reach.dates, moment.day: _hull(since - offset, reach.dates.get(moment.day, since - offset))}
    return replace(reach, since=since, open=reach.open | {moment.day}, dates=dates, vague=reach.vague - {moment.day})


def _offset(moment: model.Moment) -> Range:
    return length(moment.offset) if moment.offset else Range()
