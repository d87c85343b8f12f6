"""A calendar as a page and for programs."""

from typing import Any

import pytest

from rapport.engine.scenario import Calendar
from rapport.reports.calendar_json import Heading, calendar_json
from rapport.reports.calendar_page import calendar_page
from tests.builders import a_walk
from tests.unit.reports.well_formed import read_page

HEADING = Heading(name="flow", title="A flow", version="0123456789abcdef")
STEPS = """
- {id: hello, send: welcome}
- {id: week, wait: 7 days}
- {id: invite, send: invite, not_after: event.starts_at}
- {id: warm, tag: {add: warm}}
"""
HOSTILE = "<script>alert('x')</script>\"&"


def a_calendar(**tree: Any) -> Calendar:
    """A walk that begins late on a Saturday, and whose second mail comes too late for the event."""
    event = {"id": "e", "starts_at": "2026-03-10T10:00"}
    return a_walk(STEPS, starts="2026-03-07 22:30 Europe/Berlin", event=event, **tree)


def test_the_page_says_what_happens_and_why() -> None:
    """Whoever opens the page reads the same days and reasons as in the terminal."""
    page = read_page(calendar_page(a_calendar(), HEADING, who="Ana"))

    words = " ".join(" ".join(page.words).split())
    assert "held: never between 21:00 and 07:00 until Sun 08 Mar 2026, 07:00" in words
    assert "not sent: not after event.starts_at" in words
    assert "6 days without anything" in words
    assert "1 mail 1 action ends: end" in words


def test_a_hostile_name_is_text() -> None:
    """People write what they like into forms; none of it becomes a part of the page."""
    heading = Heading(name="flow", title=HOSTILE, version="0" * 12)

    page = read_page(calendar_page(a_calendar(), heading, who=HOSTILE, notes=[HOSTILE]))

    # The title names the sequence and the person, and both stand in the page once more, with the note.
    assert 5 == "".join(page.words).count(HOSTILE)


def test_every_line_has_a_kind_and_its_reason() -> None:
    """Programs need not read sentences."""
    tree = calendar_json(a_calendar(), HEADING)

    assert [
        ("hello", "held", "never between 21:00 and 07:00", "2026-03-08T07:00:00+01:00"),
        ("hello", "mail", None, None),
        ("week", "wait", None, "2026-03-15T07:00:00+01:00"),
        ("invite", "skipped", "not after event.starts_at", None),
        ("warm", "action", None, None),
        (None, "end", None, None),
    ] == [(line["step"], line["kind"], line["why"], line["until"]) for line in tree["lines"]]
    assert {"day": 8, "at": "2026-03-15T07:00:00+01:00", "name": "end"} == tree["end"]


@pytest.mark.parametrize(("days", "where"), [(2, "week"), (None, None)])
def test_a_walk_that_was_cut_says_where_it_waits(days: int | None, where: str | None) -> None:
    """`--days` leaves somebody in the middle."""
    tree = calendar_json(a_calendar(days=days), HEADING)

    assert (where, where is None) == (tree["waits_at"], tree["end"] is not None)
