"""Windows, the hours of the night, and what happens when they never meet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.dsl.project import WEEKDAYS, Window
from rapport.engine.places import Place
from rapport.engine.windows import NeverOpens, first_open, is_open, next_open, outside
from tests.unit.engine.situations import utc

BERLIN = Place(zone=ZoneInfo("Europe/Berlin"), country="DE")
NEW_YORK = Place(zone=ZoneInfo("America/New_York"), country="US")
OFFICE = Window(days=WEEKDAYS[:5], opens="09:00", closes="17:30", holidays="candidate")
NIGHT_SHIFT = Window(days=("fri",), opens="22:00", closes="06:00")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:00"),
        ("2026-03-02 08:59", "2026-03-02 09:00"),
        ("2026-03-02 17:29", "2026-03-02 17:29"),
        ("2026-03-02 17:30", "2026-03-03 09:00"),
        ("2026-03-06 18:00", "2026-03-09 09:00"),
        ("2026-04-02 18:00", "2026-04-07 09:00"),
    ],
)
def test_a_mail_waits_until_office_hours(local: str, expected: str) -> None:
    """Opening time is included, closing time is not; weekends and Easter are closed."""
    opens = next_open(OFFICE, _at(local), person=BERLIN, organization=BERLIN)

    assert _at(expected) == opens


@pytest.mark.parametrize(
    ("local", "expected"),
    [("2026-03-06 22:00", True), ("2026-03-07 05:59", True), ("2026-03-07 06:00", False), ("2026-03-06 05:00", False)],
)
def test_a_window_over_midnight_belongs_to_the_day_it_opens(local: str, *, expected: bool) -> None:
    """Friday 22:00 to 06:00 covers Saturday's early hours, not Friday's."""
    assert expected is is_open(NIGHT_SHIFT, _at(local), person=BERLIN, organization=BERLIN)


def test_a_window_is_in_the_zone_that_it_names() -> None:
    """The same hours mean other instants for the candidate, the company and a named place."""
    windows = [Window(opens="09:00", closes="10:00", zone=zone) for zone in ("candidate", "organization", "Asia/Tokyo")]

    opens = [next_open(window, utc("2026-03-02 00:30"), person=NEW_YORK, organization=BERLIN) for window in windows]

    assert [utc("2026-03-02 14:00"), utc("2026-03-02 08:00"), utc("2026-03-02 00:30")] == opens


@pytest.mark.parametrize(
    ("holidays", "expected"), [("organization", "2026-04-04 13:00"), ("candidate", "2026-04-03 14:00")]
)
def test_holidays_may_be_those_of_the_company(holidays: str, expected: str) -> None:
    """A German company's holiday closes the window of an American candidate only when the window says so."""
    window = Window(opens="09:00", closes="17:00", holidays=holidays)

    opens = next_open(window, utc("2026-04-03 14:00"), person=NEW_YORK, organization=BERLIN)

    assert utc(expected) == opens


def test_opening_at_a_skipped_time_moves_forward() -> None:
    """On the night of the shorter day, a window from 02:30 opens at 03:30."""
    window = Window(opens="02:30", closes="09:00")

    opens = next_open(window, utc("2026-03-28 23:00"), person=BERLIN, organization=BERLIN)

    assert _at("2026-03-29 03:30") == opens


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02 20:59", "2026-03-02 20:59"),
        ("2026-03-02 21:00", "2026-03-03 07:00"),
        ("2026-03-03 06:59", "2026-03-03 07:00"),
        ("2026-03-03 07:00", "2026-03-03 07:00"),
        ("2026-03-28 23:00", "2026-03-29 07:00"),
        ("2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_nobody_gets_mail_at_night(local: str, expected: str) -> None:
    """21:00 is night already, 07:00 is day, also when the clocks change."""
    assert _at(expected) == outside(("21:00", "07:00"), _at(local), BERLIN.zone)


def test_a_window_without_days_never_opens() -> None:
    """A window that cannot open is an error with the next step, not an endless wait."""
    with pytest.raises(NeverOpens, match="Widen the window"):
        next_open(Window(days=()), utc("2026-03-02 09:00"), person=BERLIN, organization=BERLIN)


def test_windows_that_never_meet_are_an_error() -> None:
    """A night window can't be kept with a policy that forbids nights."""
    windows = {"night": Window(opens="22:00", closes="23:00"), "day": Window(opens="07:00", closes="21:00")}

    with pytest.raises(NeverOpens, match=r"22:00-23:00 and .* 07:00-21:00"):
        first_open(windows, utc("2026-03-02 09:00"), person=BERLIN, organization=BERLIN)


TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.builds(
    Window,
    days=st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(tuple),
    opens=TIMES,
    closes=TIMES,
    zone=st.sampled_from(["candidate", "organization", "Asia/Kolkata", "Australia/Lord_Howe"]),
    holidays=st.sampled_from([None, "candidate", "organization"]),
)
# Around both changes of clocks, Easter, and an ordinary week.
INSTANTS = st.sampled_from(["2026-03-27", "2026-10-23", "2026-04-01", "2026-06-16", "2026-03-07"]).flatmap(
    lambda day: st.integers(0, 4 * 24 * 60).map(lambda minutes: utc(day) + minutes * MINUTE)
)


@settings(deadline=None, max_examples=60)  # two thousand minutes a window
@given(window=WINDOWS, at=INSTANTS, person=st.sampled_from([BERLIN, NEW_YORK]))
def test_the_next_opening_is_the_first_open_minute(window: Window, at: datetime, person: Place) -> None:
    """No mail is held a minute longer than its window asks for."""
    opens = next_open(window, at, person=person, organization=BERLIN)

    # A minute scan is slow: what lies days before the opening is looked at in the last 36 hours of it only.
    first = max(at, opens - timedelta(hours=36))
    skipped = int((opens - first) / MINUTE)
    assert opens >= at
    assert is_open(window, opens, person=person, organization=BERLIN)
    assert not any(
        is_open(window, first + minutes * MINUTE, person=person, organization=BERLIN) for minutes in range(skipped)
    )


@given(never=st.tuples(TIMES, TIMES), at=INSTANTS)
def test_outside_is_outside(never: tuple[str, str], at: datetime) -> None:
    """Where no clock changes, the time that is found is not in the hours that were forbidden."""
    kolkata = ZoneInfo("Asia/Kolkata")

    clock = f"{outside(never, at, kolkata).astimezone(kolkata):%H:%M}"

    begins, ends = never
    forbidden = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    assert not forbidden


def _at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=BERLIN.zone).astimezone(UTC)
