"""Whether a mail may go at all: consent, a running process, a date after which it is stale."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from rapport.engine.consent import consent
from rapport.engine.gatekeeper import gate, without_policy
from rapport.engine.runtime import Gate
from rapport.errors import NotFound
from tests.unit.engine.situations import CAPS, a_node, a_project, a_send, held, local, mails, seen, utc

IN_OFFICE_HOURS = a_send(send_between="office-hours")


def test_a_mail_that_nothing_holds_goes_now() -> None:
    """Within office hours, with consent and no mail before, it goes at once."""
    assert Gate(verdict="go") == gate(IN_OFFICE_HOURS, seen("2026-03-02 10:00"), a_project(policy=CAPS))


@pytest.mark.parametrize("status", ["active", "", None, "Rejected?"])
def test_nobody_is_nurtured_during_a_process(status: str | None) -> None:
    """While an application runs, or nothing is known of it, the mail is left out."""
    project = a_project(policy={"quiet_after": {"applied": "forever_while_active"}})
    situation = seen("2026-03-26 12:00", quiet={"applied": local("2026-03-20 10:00")}, application={"status": status})

    assert Gate(verdict="skip", reason="active in a process") == gate(a_send(), situation, project)


def test_who_never_applied_is_not_in_a_process() -> None:
    """The rule is about people who applied in this walk; all others get their mail."""
    project = a_project(policy={"quiet_after": {"applied": "forever_while_active"}})

    assert Gate(verdict="go") == gate(a_send(), seen("2026-03-26 12:00"), project)


@pytest.mark.parametrize("status", ["rejected", "hired", "withdrawn", "archived"])
def test_after_the_process_mails_go_again(status: str) -> None:
    """An application that is over holds no mail."""
    project = a_project(policy={"quiet_after": {"applied": "forever_while_active"}})
    situation = seen("2026-03-26 12:00", quiet={"applied": local("2026-03-20 10:00")}, application={"status": status})

    assert Gate(verdict="go") == gate(a_send(), situation, project)


@pytest.mark.parametrize(
    ("at", "starts_at", "verdict"),
    [
        ("2026-03-12 09:00", "2026-03-12 10:00", "go"),
        ("2026-03-12 10:00", "2026-03-12 10:00", "go"),
        ("2026-03-12 10:01", "2026-03-12 10:00", "skip"),
        ("2026-03-11 20:00", "2026-03-12 08:00", "skip"),
        ("2026-03-11 20:00", "2026-03-12 10:00", "hold"),
        ("2026-03-12 12:00", "2026-03-12", "go"),
        ("2026-03-13 09:00", "2026-03-12", "skip"),
        ("2026-03-13 09:00", "9999-12-31", "go"),
        ("2026-03-13 09:00", None, "go"),
    ],
)
def test_a_reminder_never_comes_after_the_event(at: str, starts_at: str | None, verdict: str) -> None:
    """A reminder that would be held past the start of the fair is not sent at all."""
    node = a_send(send_between="office-hours", not_after="event.starts_at")

    answer = gate(node, seen(at, event={"starts_at": starts_at}), a_project())

    assert verdict == answer.verdict
    assert answer.verdict != "skip" or answer.reason == "not after event.starts_at"


@pytest.mark.parametrize(
    "consents", [{}, {"events": None}, {"nurture": utc("2026-03-02 08:00")}, {"nurture": local("2026-03-02 10:00")}]
)
def test_without_consent_the_walk_ends(consents: Mapping[str, datetime | None]) -> None:
    """No consent, consent for something else, or consent that has run out: not one more mail."""
    situation = seen("2026-03-02 10:00", consents=consents)

    answers = [gate(a_send(), situation, a_project()), consent(situation, a_project())]

    assert all(_ended(answer) for answer in answers)


def test_another_legal_basis_needs_no_consent() -> None:
    """Where the company has configured another basis for the purpose, missing consent stops nothing."""
    situation = seen("2026-03-02 10:00", consents={})

    assert Gate(verdict="go") == gate(a_send(), situation, a_project(consent="legitimate_interest"))


def test_a_purpose_that_is_not_declared_needs_consent() -> None:
    """When project.yaml does not know the purpose, nobody is written to without consent."""
    situation = replace(seen("2026-03-02 10:00", consents={}), purpose="surveys")

    assert _ended(gate(a_send(), situation, a_project()))


def test_the_gate_tells_when_consent_runs_out() -> None:
    """A mail that is held knows when its person's consent ends."""
    situation = seen("2026-03-06 18:00", consents={"nurture": utc("2026-03-08 00:00")})

    assert utc("2026-03-08 00:00") == gate(IN_OFFICE_HOURS, situation, a_project()).consent_until


def test_policy_off_leaves_windows_and_consent() -> None:
    """`policy: off` in a test file lifts the caps, the quiet days and the night, nothing else."""
    project = without_policy(a_project(policy={**CAPS, "quiet_after": {"replied": "14 days"}}))
    replied = {"replied": local("2026-03-02 21:00")}
    situation = seen("2026-03-02 22:00", mails=mails("2026-03-02 20:00"), quiet=replied)

    assert Gate(verdict="go") == gate(a_send(), situation, project)
    assert held("2026-03-03 09:00", "office-hours") == gate(IN_OFFICE_HOURS, situation, project)
    assert _ended(gate(a_send(), replace(situation, consents={}), project))


def test_an_unknown_window_is_named() -> None:
    """A window that was removed from project.yaml is an error that says where to add it."""
    with pytest.raises(NotFound, match=r"'night-owls'.*project\.yaml"):
        gate(a_send(send_between="night-owls"), seen("2026-03-02 10:00"), a_project())


def test_only_sends_pass_the_gate() -> None:
    """Asking whether a wait may be sent is a mistake of the program."""
    with pytest.raises(ValueError, match="pause"):
        gate(a_node({"id": "pause", "wait": "7 days"}), seen("2026-03-02 10:00"), a_project())


def _ended(answer: Gate) -> bool:
    return (answer.verdict, answer.reason) == ("end", "consent")
