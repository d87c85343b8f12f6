"""Builders: a company in Berlin, and a candidate of whom everything else may be said."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rapport.dsl.build import read_action, verb_of
from rapport.dsl.plan import Node
from rapport.dsl.project import Project
from rapport.engine.runtime import Gate
from rapport.engine.situation import MailFacts, Situation

BERLIN = ZoneInfo("Europe/Berlin")
CAPS = {"at_most": [{"mails": 1, "per": "1 day"}, {"mails": 3, "per": "7 days"}]}
OFFICE_HOURS = {
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "between": ["09:00", "17:30"],
    "zone": "candidate",
    "holidays": "candidate",
}


def utc(text: str) -> datetime:
    """An instant written without its offset, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_project(
    *,
    policy: Mapping[str, Any] | None = None,
    windows: Mapping[str, Any] | None = None,
    consent: str = "required",
    zone: str = "Europe/Berlin",
) -> Project:
    """A company in Germany with office hours and one purpose."""
    return Project.read(
        {
            "organization": {"name": "Acme", "zone": zone, "country": "DE"},
            "windows": {"office-hours": OFFICE_HOURS, **(windows or {})},
            "contact_policy": policy or {},
            "consent": {"purposes": {"nurture": {"title": "Talent community", "consent": consent}}},
        }
    )


def a_situation(at: str = "2026-03-02 09:00", **facts: Any) -> Situation:
    """A candidate who consents to nurture, seen at `at` in UTC and enrolled at 2026-03-02 09:00 UTC."""
    known: dict[str, Any] = {"candidate": {"first_name": "Ana"}, "consents": {"nurture": None}, **facts}
    return Situation(at=utc(at), purpose="nurture", enrolled_at=utc("2026-03-02 09:00"), **known)


def a_node(step: Mapping[str, Any]) -> Node:
    """The node of a single step."""
    return Node(index=0, id=step["id"], verb=verb_of(step), action=read_action(step))


def a_send(**beside: Any) -> Node:
    """A send step without a window."""
    return a_node({"id": "nudge", "send": "nudge", "from": "talent-team", **beside})


IN_OFFICE_HOURS = a_send(send_between="office-hours")


def local(text: str) -> datetime:
    """An instant written as Berlin's clock shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def seen(at: str, **facts: Any) -> Situation:
    """Ana, seen at a time of Berlin's clock."""
    return replace(a_situation(**facts), at=local(at))


def mails(*sent: str) -> Mapping[str, MailFacts]:
    """Mails of this walk by when they were sent, in Berlin's time."""
    return {f"mail-{number}": MailFacts(sent=local(at)) for number, at in enumerate(sent)}


def held(until: str, reason: str) -> Gate:
    """The gate's answer to a mail that waits until then, in Berlin's time."""
    return Gate(verdict="hold", until=local(until), reason=reason)
