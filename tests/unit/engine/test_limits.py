"""How many mails a mail domain gets, and which harm stops a sender."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.dsl.project import ContactPolicy
from rapport.engine.limits import Rate, is_harmed, is_near_harm, rate_of
from tests.unit.store.worlds import MONDAY

POLICY = ContactPolicy(
    per_domain={"default": "60 per minute", "gmail.com": "30 per hour"},
    stop_sender_at={"complaint_rate": "0.3%", "bounce_rate": "2%"},
)


@pytest.mark.parametrize(
    ("domain", "mails", "per"),
    [("people.example", 60, timedelta(minutes=1)), ("Gmail.com", 30, timedelta(hours=1))],
)
def test_a_domain_has_its_own_rate_or_that_of_all_others(domain: str, mails: int, per: timedelta) -> None:
    """What is written for a domain wins over `default`."""
    assert Rate(mails=mails, per=per) == rate_of(POLICY, domain)


def test_without_a_rate_nothing_waits() -> None:
    """A project that says nothing sends as fast as the relay takes it."""
    assert rate_of(ContactPolicy(), "gmail.com") is None
    assert rate_of(ContactPolicy(per_domain={"gmail.com": "1 per day"}), "people.example") is None


@given(st.integers(1, 5), st.lists(st.integers(0, 90), max_size=40))
def test_no_stretch_of_time_holds_more_than_the_rate(mails: int, waits: list[int]) -> None:
    """Whenever mails come, so many turns lie in any minute, and no more."""
    rate, now = Rate(mails=mails, per=timedelta(minutes=1)), MONDAY
    turns: list[datetime] = []
    for wait in waits:
        now += timedelta(seconds=wait)
        latest = sorted(turns, reverse=True)
        turns.append(rate.turn(now, latest[mails - 1] if len(latest) >= mails else None))

    ordered = sorted(turns)
    assert all(later - earlier >= rate.per for earlier, later in zip(ordered, ordered[mails:], strict=False))


@pytest.mark.parametrize(
    ("kind", "harm", "mails", "expected"),
    [
        ("complained", 3, 1000, True),  # exactly 0.3%
        ("complained", 3, 1001, False),
        ("complained", 1, 10, False),  # one angry reader is no rate
        ("complained", 2, 10, True),
        ("bounced", 4, 10, False),
        ("bounced", 5, 250, True),
        ("bounced", 5, 251, False),
        ("replied", 9, 10, False),
    ],
)
def test_a_rate_stops_a_sender(kind: str, harm: int, mails: int, expected: bool) -> None:  # noqa: FBT001  # a table
    """0.3 % of a thousand is three; very few are no rate."""
    assert expected is is_harmed(POLICY, kind, harm=harm, mails=mails)


@pytest.mark.parametrize(
    ("complaints", "mails", "expected"), [(2, 2000, True), (2, 2001, False), (1, 5, False), (2, 0, True), (0, 0, False)]
)
def test_one_in_a_thousand_is_to_be_looked_into(complaints: int, mails: int, expected: bool) -> None:  # noqa: FBT001  # a table
    """Mail servers ask for less than 0.1 %; one angry reader is no rate."""
    assert expected is is_near_harm(complaints=complaints, mails=mails)


def test_without_a_limit_nobody_is_stopped() -> None:
    """A project that sets no limit is not guarded."""
    assert not is_harmed(ContactPolicy(), "complained", harm=9, mails=9)
