"""Scripts: what happens to a made-up person and when, as test files and simulations write it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rapport.dsl.events import ARGUMENT_OF, EVENT_EVENTS, read_pattern
from rapport.engine.calendar import at_local

_DAY = re.compile(r"day (?P<number>\d{1,4})(?: (?P<at>\d{2}:\d{2}))?")
_STARTS = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2}) (?P<at>\d{2}:\d{2}) (?P<zone>\S+)")
MACHINES = ("machine_clicked", "machine_opened")
# They name the mail that they are about, so the mail must have been sent by then.
ABOUT_MAIL = ("clicked", "opened", "replied", "bounced", "complained", *MACHINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When and where a script begins; `day N` counts calendar days from it in its zone."""

    day: date
    at: str
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> "Start":
        """Read `2026-03-02 10:00 Europe/Berlin`; ValueError (ZoneInfoNotFoundError is one of KeyError) otherwise."""
        match = _STARTS.fullmatch(text)
        if match is None:
            message = f'"{text}" is not a start; write a date, a time and a zone, like "2026-03-02 10:00 Europe/Berlin"'
            raise ValueError(message)
        return cls(day=date.fromisoformat(match["day"]), at=match["at"], zone=ZoneInfo(match["zone"]))

    @property
    def instant(self) -> datetime:
        """The instant of day 0."""
        return at_local(self.day, self.at, self.zone)

    def moment(self, day: str) -> datetime:
        """The instant of `day N HH:MM`; without a time, the time of day of the start."""
        number, at = read_day(day)
        return at_local(self.day + timedelta(days=number), at or self.at, self.zone)

    def date_of(self, text: str) -> date:
        """The date of `day N`, or a date written out."""
        return self.day + timedelta(days=read_day(text)[0]) if text.startswith("day ") else date.fromisoformat(text)

    def day_number(self, at: datetime) -> int:
        """Which day of the script an instant belongs to."""
        return (at.astimezone(self.zone).date() - self.day).days


def read_day(text: str) -> tuple[int, str | None]:
    """Read `day 9` or `day 9 10:00`."""
    match = _DAY.fullmatch(text)
    if match is None:
        message = f'"{text}" is not a day; write "day 9" or "day 9 10:00"'
        raise ValueError(message)
    return int(match["number"]), match["at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """One thing that happens; `place` is its index in `when:`."""

    at: datetime
    kind: str
    place: int
    step: str | None = None
    link: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


def read_script(when: Sequence[Mapping[str, Any]], start: Start, event: Mapping[str, Any]) -> list[Scripted]:
    """Read a case's `when:`, in the order of time; at one instant the order of the file holds."""
    found = [
        _read(place, start.moment(day), tree, start, event)
        for place, item in enumerate(when)
        for day, tree in item.items()
    ]
    return sorted(found, key=lambda scripted: scripted.at)


def _read(place: int, at: datetime, tree: Mapping[str, Any] | str, start: Start, event: Mapping[str, Any]) -> Scripted:
    kind, argument = (tree, None) if isinstance(tree, str) else next(iter(tree.items()))
    if kind in ABOUT_MAIL:
        pattern = read_pattern({"clicked": argument if argument is not None else "any"})
        return Scripted(at=at, kind=kind, place=place, step=pattern.step, link=pattern.link)
    if kind == "event_changed":
        return Scripted(at=at, kind=kind, place=place, changes=argument or {}, detail=_this(event))
    return Scripted(at=at, kind=kind, place=place, detail=_detail(kind, argument, start, event))


def _detail(kind: str, argument: Any, start: Start, event: Mapping[str, Any]) -> dict[str, str]:
    if kind == "out_of_office":
        return {"until": start.date_of(argument["until"]).isoformat()}
    if kind in EVENT_EVENTS:
        return {**_this(event), **(argument if isinstance(argument, Mapping) else {})}
    if isinstance(argument, Mapping):
        return {key: _word(value) for key, value in argument.items()}
    if argument in (None, "any"):
        return {}
    return {ARGUMENT_OF.get(kind, "purpose"): _word(argument)}


def _word(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _this(event: Mapping[str, Any]) -> dict[str, str]:
    return {"event": str(event.get("id", "")), **({"type": str(event["type"])} if "type" in event else {})}
