"""A calendar for programs: the shape is documented in docs/language/simulate.md, and only ever grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapport.dsl.workspace import CheckedSequence
from rapport.engine.scenario import Calendar
from rapport.reports.calendar_entries import entries

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a calendar or a forecast is about: a sequence and its version."""

    name: str
    title: str
    version: str

    @classmethod
    def of(cls, checked: CheckedSequence) -> "Heading":
        """The heading of a sequence as its folder holds it."""
        return cls(name=checked.name, title=checked.tree["title"], version=checked.version)

    def to_json(self) -> dict[str, str]:
        """The form in both shapes."""
        return {"name": self.name, "title": self.title, "version": self.version}


def calendar_json(calendar: Calendar, heading: Heading, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Plain JSON; moments are ISO 8601 with the offset of the calendar's zone. `notes` are said above a calendar."""
    scenario, result = calendar.scenario, calendar.result
    start = scenario.start

    def moment(at: datetime) -> dict[str, Any]:
        return {"day": start.day_number(at), "at": at.astimezone(start.zone).isoformat()}

    return {
        "format": FORMAT,
        "kind": "calendar",
        "sequence": heading.to_json(),
        "person": {key: scenario.candidate.get(key) for key in ("id", "first_name", "timezone", "country")},
        "starts_at": start.instant.astimezone(start.zone).isoformat(),
        "zone": start.zone.key,
        "notes": list(notes),
        "lines": [
            {
                "day": entry.day,
                "at": entry.at.isoformat(),
                "sequence": entry.sequence,
                "step": entry.step or None,
                "kind": entry.kind,
                "text": entry.text,
                "why": entry.why,
                "until": entry.until.isoformat() if entry.until else None,
            }
            for entry in entries(calendar)
        ],
        "mails": [{**moment(mail.at), "step": mail.step, "mail": mail.what} for mail in result.mails],
        "actions": [{**moment(action.at), "step": action.step} for action in result.actions],
        "end": {**moment(result.end.at), "name": result.end.name} if result.end else None,
        "waits_at": result.waits_at,
        "problems": [{"event": place, "message": message} for place, message in calendar.wrong],
    }
