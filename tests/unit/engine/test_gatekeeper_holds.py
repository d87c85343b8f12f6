"""Until when a mail is held, and by which rule: windows, the night, caps, quiet days, out of office."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.engine.gatekeeper import gate
from rapport.engine.runtime import Gate
from rapport.engine.situation import MailFacts
from tests.unit.engine.situations import CAPS, a_project, a_send, a_situation, held, local, mails, seen, utc

IN_OFFICE_HOURS = a_send(send_between="office-hours")


@pytest.mark.parametrize(
    ("at", "until", "reason"),
    [
        ("2026-03-06 18:00", "2026-03-09 09:00", "office-hours"),
        ("2026-03-06 22:00", "2026-03-09 09:00", "office-hours"),
        ("2026-04-03 10:00", "2026-04-07 09:00", "office-hours"),
    ],
)
def test_a_window_holds_a_mail(at: str, until: str, reason: str) -> None:
    """Friday evening's mail goes on Monday morning, and Good Friday's after Easter."""
    assert held(until, reason) == gate(IN_OFFICE_HOURS, seen(at), a_project())


@pytest.mark.parametrize(
    ("at", "until"), [("2026-03-07 21:00", "2026-03-08 07:00"), ("2026-03-28 23:00", "2026-03-29 07:00")]
)
def test_the_night_holds_every_mail(at: str, until: str) -> None:
    """A send without a window still never goes between 21:00 and 07:00."""
    assert held(until, "never between 21:00 and 07:00") == gate(a_send(), seen(at), a_project())


def test_the_night_is_the_candidates() -> None:
    """14:00 in Berlin is 22:30 in Adelaide, where she lives."""
    situation = seen("2026-07-01 14:00", candidate={"timezone": "Australia/Adelaide", "country": "AU"})

    assert utc("2026-07-01 21:30") == gate(a_send(), situation, a_project()).until


def test_a_window_and_the_night_meet() -> None:
    """A window from 05:00 opens at 07:00, when the night is over; the night is what decided."""
    project = a_project(windows={"early": {"between": ["05:00", "08:00"]}})

    answer = gate(a_send(send_between="early"), seen("2026-03-02 12:00"), project)

    assert held("2026-03-03 07:00", "never between 21:00 and 07:00") == answer


@pytest.mark.parametrize(
    ("at", "sent", "until", "reason"),
    [
        ("2026-03-03 09:59", ["2026-03-02 10:00"], "2026-03-03 10:00", "at most 1 mail in 1 day"),
        (
            "2026-03-05 12:00",
            ["2026-03-01 12:00", "2026-03-02 12:00", "2026-03-04 12:00"],
            "2026-03-08 12:00",
            "at most 3 mails in 7 days",
        ),
        ("2026-03-28 12:00", ["2026-03-28 10:00"], "2026-03-29 11:00", "at most 1 mail in 1 day"),
    ],
)
def test_caps_hold_a_mail_for_rolling_hours(at: str, sent: list[str], until: str, reason: str) -> None:
    """One mail a day is one in any 24 hours, also over the night of the shorter day."""
    answer = gate(a_send(), seen(at, mails=mails(*sent)), a_project(policy=CAPS))

    assert held(until, reason) == answer


def test_exactly_a_day_later_the_cap_is_over() -> None:
    """24 hours after the last mail the next may go."""
    situation = seen("2026-03-03 10:00", mails={**mails("2026-03-02 10:00"), "nudge": MailFacts()})

    assert Gate(verdict="go") == gate(a_send(), situation, a_project(policy=CAPS))


def test_a_cap_and_then_the_window() -> None:
    """The cap ends on Saturday, so the mail goes on Monday, and the window is the reason."""
    situation = seen("2026-03-06 12:00", mails=mails("2026-03-06 10:00"))

    assert held("2026-03-09 09:00", "office-hours") == gate(IN_OFFICE_HOURS, situation, a_project(policy=CAPS))


@pytest.mark.parametrize(
    ("back_on", "until", "reason"),
    [("2026-03-09", "2026-03-09 09:00", "out of office"), ("2026-03-08", "2026-03-09 09:00", "office-hours")],
)
def test_out_of_office_holds_until_the_morning_of_return(back_on: str, until: str, reason: str) -> None:
    """Somebody away gets the mail at 09:00 of the day she is back, or when the window opens after it."""
    situation = seen("2026-03-04 10:00", back_on=date.fromisoformat(back_on))

    assert held(until, reason) == gate(IN_OFFICE_HOURS, situation, a_project())


def test_who_is_back_gets_mail() -> None:
    """An absence that is over holds nothing."""
    situation = seen("2026-03-04 10:00", back_on=date(2026, 3, 4))

    assert Gate(verdict="go") == gate(IN_OFFICE_HOURS, situation, a_project())


@pytest.mark.parametrize(
    ("kind", "words"),
    [("replied", "a reply"), ("applied", "an application"), ("attended", "an event"), ("custom", "news")],
)
def test_silence_after_a_reply_is_counted_in_calendar_days(kind: str, words: str) -> None:
    """After a reply there are fourteen quiet days on her clock, over the change of clocks too."""
    project = a_project(policy={"quiet_after": {kind: "14 days"}})
    situation = seen("2026-03-26 12:00", quiet={kind: local("2026-03-20 10:15")})

    assert held("2026-04-03 10:15", f"quiet for 14 days after {words}") == gate(a_send(), situation, project)


MINUTES = st.integers(0, 60 * 24 * 60).map(lambda minutes: utc("2026-02-20 00:00") + timedelta(minutes=minutes))
POLICIES = st.fixed_dictionaries(
    {"never_between": st.sampled_from([None, ["21:00", "07:00"], ["12:00", "14:00"]])},
    optional={"at_most": st.just(CAPS["at_most"]), "quiet_after": st.just({"replied": "3 business days"})},
)


@settings(deadline=None)  # the first example imports the holidays of the world
@given(
    at=MINUTES,
    policy=POLICIES,
    window=st.sampled_from([None, "office-hours"]),
    sent=st.lists(MINUTES, max_size=5),
    replied=st.none() | MINUTES,
    back_on=st.none() | MINUTES.map(datetime.date),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_held_mail_goes_when_its_time_has_come(
    at: datetime,
    policy: Mapping[str, Any],
    window: str | None,
    sent: list[datetime],
    replied: datetime | None,
    back_on: date | None,
    zone: str,
) -> None:
    """The instant until which a mail is held satisfies every rule, and no hour before it did."""
    node, project = a_send(send_between=window), a_project(policy=policy)
    situation = a_situation(
        candidate={"timezone": zone},
        mails={f"mail-{number}": MailFacts(sent=moment) for number, moment in enumerate(sent)},
        quiet={"replied": replied} if replied else {},
        back_on=back_on,
    )

    answer = gate(node, replace(situation, at=at), project)

    until = answer.until or at
    assert until > at if answer.verdict == "hold" else answer == Gate(verdict="go")
    assert Gate(verdict="go") == gate(node, replace(situation, at=until), project)
    hours_before = range(1, min(48, int((until - at) / timedelta(hours=1)) + 1))
    earlier = [replace(situation, at=until - timedelta(hours=hours)) for hours in hours_before]
    assert all(until == gate(node, sooner, project).until for sooner in earlier)


def test_a_pause_holds_every_mail_and_windows_after_it() -> None:
    """Three months without mails end in office hours, and the pause is what the hold is called."""
    situation = seen("2026-03-02 10:00", paused_until=local("2026-06-02 09:00"))

    assert held("2026-06-02 09:00", "paused by the candidate") == gate(a_send(), situation, a_project())
    assert held("2026-06-02 09:00", "paused by the candidate") == gate(IN_OFFICE_HOURS, situation, a_project())
