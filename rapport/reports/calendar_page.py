"""A calendar as a page to send to a colleague."""

from collections.abc import Sequence
from itertools import groupby

from rapport.engine.scenario import Calendar
from rapport.reports.calendar_entries import Entry, entries
from rapport.reports.calendar_json import Heading
from rapport.reports.page import page


def calendar_page(calendar: Calendar, heading: Heading, *, who: str, notes: Sequence[str] = ()) -> str:
    """The dated calendar of one person as HTML, a month after the other."""
    scenario = calendar.scenario
    return page(
        "calendar",
        heading=heading,
        who=who,
        zone=scenario.start.zone.key,
        notes=[*notes, *(f"Event {place + 1}: {message}." for place, message in calendar.wrong)],
        months=[(month, list(lines)) for month, lines in groupby(entries(calendar), key=_month)],
        mails=len(calendar.mails),
        actions=len(calendar.actions),
        ends=calendar.ends,
        waiting_at=calendar.waiting_at,
    )


def _month(entry: Entry) -> str:
    return f"{entry.at:%B %Y}"
