"""Moving through time: clocks that change, weekends and holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.dsl.duration import Duration, Unit
from rapport.engine.calendar import add, at_local, is_business_day
from tests.unit.engine.situations import utc

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")]


@pytest.mark.parametrize(
    ("zone", "start", "length", "expected"),
    [
        ("Europe/Berlin", "2026-03-28 10:00", "1 day", "2026-03-29 10:00"),
        ("Europe/Berlin", "2026-03-28 10:00", "24 hours", "2026-03-29 11:00"),
        ("Europe/Berlin", "2026-03-28 10:00", "1 week", "2026-04-04 10:00"),
        ("Europe/Berlin", "2026-03-28 02:30", "1 day", "2026-03-29 03:30"),
        ("Europe/Berlin", "2026-10-24 10:00", "1 day", "2026-10-25 10:00"),
        ("Europe/Berlin", "2026-10-24 10:00", "24 hours", "2026-10-25 09:00"),
        ("America/New_York", "2026-03-07 02:30", "1 day", "2026-03-08 03:30"),
        ("Asia/Kolkata", "2026-03-28 10:00", "1 day", "2026-03-29 10:00"),
        ("Asia/Kolkata", "2026-03-28 10:00", "90 minutes", "2026-03-28 11:30"),
        ("Australia/Lord_Howe", "2026-10-03 02:15", "1 day", "2026-10-04 02:45"),
        ("Europe/Berlin", "2026-03-30 10:00", "-1 day", "2026-03-29 10:00"),
        ("Europe/Berlin", "2026-03-12 10:00", "-2 weeks", "2026-02-26 10:00"),
    ],
)
def test_days_keep_the_local_time_and_hours_are_elapsed(zone: str, start: str, length: str, expected: str) -> None:
    """A day later is the same time on her clock, also over a change of clocks; 24 hours are 24 hours."""
    local = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))

    after = add(local.astimezone(UTC), Duration.parse(length), ZoneInfo(zone), "DE")

    assert expected == f"{after.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def test_a_local_time_that_occurs_twice_is_the_first() -> None:
    """02:30 on the night of the longer day is the earlier one, in summer time."""
    after = add(utc("2026-10-24 00:30"), Duration.parse("1 day"), BERLIN, "DE")

    assert utc("2026-10-25 00:30") == after


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-03-30", "5 business days", "2026-04-08"),
        ("2026-04-02", "1 business day", "2026-04-07"),
        ("2026-04-04", "1 business day", "2026-04-07"),
        ("2026-03-06", "1 business day", "2026-03-09"),
        ("2026-04-07", "-1 business day", "2026-04-02"),
        ("2026-03-08", "-1 business day", "2026-03-06"),
    ],
)
def test_business_days_leave_out_weekends_and_easter(start: str, length: str, expected: str) -> None:
    """Good Friday and Easter Monday are no business days in Germany, and the day it starts on does not count."""
    after = add(at_local(date.fromisoformat(start), "10:00", BERLIN), Duration.parse(length), BERLIN, "DE")

    assert at_local(date.fromisoformat(expected), "10:00", BERLIN) == after


@pytest.mark.parametrize("country", ["", "XX", "Atlantis", "MON", "../DE"])
def test_an_unknown_country_has_no_holidays(country: str) -> None:
    """A country that nobody knows works from Monday to Friday."""
    assert is_business_day(date(2026, 4, 3), country)
    assert not is_business_day(date(2026, 4, 4), country)


def test_holidays_are_those_of_the_country() -> None:
    """Good Friday is a holiday in Germany and not in the United States; small letters are understood."""
    assert not is_business_day(date(2026, 4, 3), "de")
    assert is_business_day(date(2026, 4, 3), "US")


def test_midnight_may_be_written_as_the_end_of_a_day() -> None:
    """24:00 is the midnight after the day."""
    assert at_local(date(2026, 3, 3), "00:00", BERLIN) == at_local(date(2026, 3, 2), "24:00", BERLIN)


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(start=INSTANTS, days=st.integers(-800, 800), zone=st.sampled_from(ZONES))
def test_days_keep_the_local_time_wherever_it_exists(start: datetime, days: int, zone: ZoneInfo) -> None:
    """Whatever the day and zone: the clock shows the same time, or a skipped one moved forward by the gap."""
    local = start.astimezone(zone)

    after = add(start, Duration(days, Unit.DAY), zone, "DE").astimezone(zone)

    wanted = datetime.combine(local.date() + timedelta(days=days), local.time())
    moved = after.replace(tzinfo=None) - wanted
    exists = wanted.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted
    assert moved == timedelta(0) if exists else timedelta(0) < moved <= timedelta(hours=1)


@settings(deadline=None)  # the first example imports the holidays of the world
@given(start=INSTANTS, number=st.integers(1, 60), zone=st.sampled_from(ZONES))
def test_business_days_land_on_a_business_day(start: datetime, number: int, zone: ZoneInfo) -> None:
    """Business days end on a day on which people work, with exactly that many of them in between."""
    begins = start.astimezone(zone).date()

    ends = add(start, Duration(number, Unit.BUSINESS_DAY), zone, "DE").astimezone(zone).date()

    days = [begins + timedelta(days=ahead) for ahead in range(1, (ends - begins).days + 1)]
    assert is_business_day(ends, "DE")
    assert number == sum(is_business_day(day, "DE") for day in days)


@given(day=st.dates(date(2020, 1, 1), date(2035, 1, 1)), clock=st.times(), zone=st.sampled_from(ZONES))
def test_at_local_is_never_before_the_time_that_was_asked_for(day: date, clock: time, zone: ZoneInfo) -> None:
    """A mail at 09:00 goes when her clock shows 09:00, or later when that time is skipped."""
    instant = at_local(day, f"{clock:%H:%M}", zone)

    assert UTC is instant.tzinfo
    assert f"{day} {clock:%H:%M}" <= f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
