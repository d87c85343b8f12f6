"""When waits are over, and which instant a moment means."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rapport.dsl.build import read_moment
from rapport.engine.fields import date_field
from rapport.engine.moments import due, moment
from rapport.engine.places import Place, home_of_person, person_zone
from tests.unit.engine.situations import a_node, a_project, a_situation, utc

FAIR = {"id": "fair-7", "starts_at": "2026-03-12 10:00", "ends_at": "2026-03-12 17:00"}
IN_NEW_YORK = {"timezone": "America/New_York", "country": "US"}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"day": "event.starts_at", "offset": "-1 day", "at": "09:00"}, "2026-03-11 08:00"),
        ({"day": "event.ends_at", "offset": "1 day", "at": "09:00"}, "2026-03-13 08:00"),
        ({"day": "event.starts_at"}, "2026-03-12 09:00"),
        ({"day": "event.starts_at", "offset": "-2 hours"}, "2026-03-12 07:00"),
        ({"day": "event.starts_at", "offset": "-30 minutes", "at": "09:00"}, "2026-03-12 07:30"),
        ({"day": "event.starts_at", "offset": "3 weeks"}, "2026-04-02 08:00"),
        ({"day": "event.starts_at", "offset": "-5 business days", "at": "09:00"}, "2026-03-05 08:00"),
        ({"day": "enrolled_at", "offset": "180 days", "at": "10:00"}, "2026-08-29 08:00"),
        ({"day": "2026-03-29"}, "2026-03-28 23:00"),
        ({"day": "2026-03-29", "offset": "6 hours"}, "2026-03-29 05:00"),
        ({"day": "2026-03-28", "offset": "1 day", "at": "02:30"}, "2026-03-29 01:30"),
        ({"day": "candidate.custom.visa_until", "at": "09:00"}, "2026-05-01 07:00"),
        ({"day": "candidate.custom.visa_until", "offset": "-2 weeks"}, "2026-04-16 22:00"),
        ({"day": "app.interview_on", "at": "09:00"}, "2026-06-01 07:00"),
    ],
)
def test_a_moment_is_a_day_moved_by_an_offset_at_a_local_time(tree: Mapping[str, Any], expected: str) -> None:
    """The day before the fair at 09:00 is 09:00 on her clock, whatever changes in between."""
    candidate = {"custom": {"visa_until": "2026-05-01"}}
    situation = a_situation(event=FAIR, candidate=candidate, reads={"app": {"interview_on": date(2026, 6, 1)}})

    assert utc(expected) == moment(read_moment(tree), situation, a_project())


def test_the_day_of_an_event_is_the_candidates_day() -> None:
    """A fair in Tokyo on Thursday morning is Wednesday in New York: her reminder goes on Tuesday at her 09:00."""
    situation = a_situation(event={**FAIR, "zone": "Asia/Tokyo"}, candidate=IN_NEW_YORK)

    reminder = moment(
        read_moment({"day": "event.starts_at", "offset": "-1 day", "at": "09:00"}), situation, a_project()
    )

    assert utc("2026-03-10 13:00") == reminder


@pytest.mark.parametrize(
    ("starts_at", "zone", "expected"),
    [
        ("2026-03-12 10:00", None, utc("2026-03-12 09:00")),
        ("2026-03-12 10:00", "Asia/Kolkata", utc("2026-03-12 04:30")),
        ("2026-03-12 10:00", "Nowhere/Land", utc("2026-03-12 09:00")),
        ("2026-03-12T10:00:00-05:00", "Asia/Kolkata", utc("2026-03-12 15:00")),
        ("2026-03-12T10:00Z", None, utc("2026-03-12 10:00")),
        (datetime(2026, 3, 12, 10), None, utc("2026-03-12 09:00")),  # noqa: DTZ001  # local to the event
        ("2026-03-29 02:30", None, utc("2026-03-29 01:30")),
        ("2026-10-25 02:30", None, utc("2026-10-25 00:30")),
        ("2026-03-12", None, date(2026, 3, 12)),
    ],
)
def test_event_dates_are_in_the_zone_of_the_event(starts_at: Any, zone: str | None, expected: date) -> None:
    """An event at 10:00 is at 10:00 where it takes place, unless it says its offset itself."""
    situation = a_situation(event={"starts_at": starts_at, "zone": zone}, candidate=IN_NEW_YORK)

    assert expected == date_field("event.starts_at", situation, a_project())


@pytest.mark.parametrize(
    "value", [None, "", "soon", 20260312, "2026-02-30", "9999-12-31 23:59", "0001-01-01 00:00", ["2026-03-12"]]
)
def test_a_date_that_cannot_be_read_is_not_known(value: Any) -> None:
    """A broken date never stops a worker: the moment is not known, and the step says what to do then."""
    situation = a_situation(event={"starts_at": value}, candidate=IN_NEW_YORK)

    assert moment(read_moment({"day": "event.starts_at", "offset": "1 day"}), situation, a_project()) is None


def test_a_cancelled_event_has_no_dates() -> None:
    """Nobody is reminded of an event that was called off."""
    situation = a_situation(event={**FAIR, "cancelled": True})

    assert moment(read_moment({"day": "event.starts_at"}), situation, a_project()) is None


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        ({"wait": "7 days"}, "2026-04-02 08:00"),
        ({"wait": "168 hours"}, "2026-04-02 09:00"),
        ({"wait": "5 business days"}, "2026-04-02 08:00"),
        ({"wait_for": "applied", "within": "7 business days"}, "2026-04-08 08:00"),
        ({"wait_for": "applied", "until": {"day": "2026-04-01", "at": "09:00"}}, "2026-04-01 07:00"),
        ({"wait_until": {"day": "2026-04-01", "at": "09:00", "if_late": "skip"}}, "2026-04-01 07:00"),
    ],
)
def test_a_wait_counts_from_its_own_start(wait: Mapping[str, Any], expected: str) -> None:
    """Seven days over the change of clocks end at the same time of day; Easter is no business day."""
    answer = due(a_node({"id": "pause", **wait}), utc("2026-03-26 09:00"), a_situation(), a_project())

    assert utc(expected) == answer.at


def test_an_unknown_date_gives_no_due_time() -> None:
    """Without an event there is nothing to wait until."""
    node = a_node({"id": "reminder", "wait_until": {"day": "event.starts_at", "if_late": "skip"}})

    assert due(node, utc("2026-03-02 09:00"), a_situation(), a_project()).at is None


@pytest.mark.parametrize(
    ("required", "consents", "expected"),
    [
        ("required", {"nurture": utc("2026-06-01 00:00")}, utc("2026-06-01 00:00")),
        ("required", {"nurture": None}, None),
        ("required", {"events": None}, utc("2026-03-02 09:00")),
        ("legitimate_interest", {}, None),
    ],
)
def test_a_wait_knows_when_consent_runs_out(
    required: str, consents: Mapping[str, datetime | None], expected: datetime | None
) -> None:
    """A walk wakes when consent expires; where it is needed and gone, it expires at once."""
    situation = a_situation(consents=consents)

    answer = due(a_node({"id": "pause", "wait": "7 days"}), situation.at, situation, a_project(consent=required))

    assert expected == answer.consent_until


def test_only_waits_are_due() -> None:
    """Asking when a send is due is a mistake of the program, and says which step it is about."""
    node = a_node({"id": "hello", "send": "welcome", "from": "talent-team"})

    with pytest.raises(ValueError, match="hello"):
        due(node, utc("2026-03-02 09:00"), a_situation(), a_project())


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../../etc/passwd", "Europe", "x" * 300, 7])
def test_an_invalid_time_zone_falls_back_to_the_company(name: Any) -> None:
    """A candidate whose time zone is unknown or nonsense lives by the company's clock."""
    situation = a_situation(candidate={"timezone": name, "country": None})

    home = Place(zone=ZoneInfo("Europe/Berlin"), country="DE")
    assert home == home_of_person(situation, a_project())


def test_a_company_without_a_valid_zone_is_in_utc() -> None:
    """A misspelled zone of the company is for `check` to tell; a walk goes on in UTC."""
    assert ZoneInfo("UTC") == person_zone(a_situation(), a_project(zone="Europe/Berln"))
