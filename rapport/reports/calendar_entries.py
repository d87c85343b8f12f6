"""A calendar as entries that a page or a program can tell apart: mails, waits, choices, and why something waited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from rapport.dsl.model import If, Send, Split, Stop, Wait, WaitFor, WaitUntil
from rapport.engine.scenario import Calendar
from rapport.engine.virtual import Line

Kind: TypeAlias = Literal["mail", "held", "skipped", "failed", "wait", "choice", "action", "end"]

# How the walk's own trace says that a step did not go as planned, and why.
_SAID: tuple[tuple[str, Kind], ...] = (("held: ", "held"), ("not sent: ", "skipped"), ("failed (", "failed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line; `at` and `until` are in the calendar's zone, `why` is the reason of what was held, skipped or failed.

    `step` is empty for the end of the walk; `label` names the sequence, too, where it is not the one asked for.
    `days_before` are the calendar days since the entry before.
    """

    day: int
    at: datetime
    sequence: str
    step: str
    label: str
    kind: Kind
    text: str
    why: str | None
    until: datetime | None
    days_before: int


def entries(calendar: Calendar) -> list[Entry]:
    """Every line of the walk, in order."""
    start = calendar.scenario.start
    found: list[Entry] = []
    for line in calendar.lines:
        kind, why = _kind(calendar, line)
        day = start.day_number(line.at)
        found.append(
            Entry(
                day=day,
                at=line.at.astimezone(start.zone),
                step=line.step,
                label=calendar.label(line),
                sequence=calendar.plan_of(line).sequence,
                kind=kind,
                text=line.text,
                why=why,
                until=line.until.astimezone(start.zone) if line.until else None,
                days_before=day - found[-1].day if found else 0,
            )
        )
    return found


def _kind(calendar: Calendar, line: Line) -> tuple[Kind, str | None]:
    if not line.step:
        return "end", None
    for said, kind in _SAID:
        if line.text.startswith(said):
            reason = line.text.removeprefix(said)
            return kind, reason.partition(")")[0] if kind == "failed" else reason
    match calendar.plan_of(line).node(line.step).action:
        case Send():
            return "mail", None
        case Wait() | WaitUntil() | WaitFor():
            return "wait", None
        case If() | Split() | Stop():
            return "choice", None
        case _:
            return "action", None
