"""Mails and keys for the tests of the mail package; every name in them is made up."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rapport.dsl.mail_source import MailSource, read_mail_source
from rapport.dsl.project import Organization
from rapport.mail.draft import Draft
from rapport.mail.tokens import Signer

SIGNER = Signer(keys={1: b"a key for tests, 32 bytes long.."}, current=1)
CANDIDATE = {"first_name": "Ada", "last_name": None, "joined_on": date(2026, 3, 10), "skills": ["python", "go"]}
CONTEXT: dict[str, Any] = {
    "candidate": CANDIDATE,
    "sender": {"name": "Anna Koch"},
    "organization": {"name": "Acme"},
    "event": {"title": None},
    "roles": [{"title": "Backend engineer", "url": "https://acme.example/jobs/1"}],
}
WELCOME = (
    "you joined on {{ candidate.joined_on }}."
    " [See how we work]({{ link('culture', 'https://acme.example/engineering?utm=x') }})."
)


def a_source(body: str = WELCOME, subject: str = "Welcome, {{ candidate.first_name or 'there' }}") -> MailSource:
    """A mail as a marketer writes it."""
    return read_mail_source(f"---\nsubject: {subject}\npreheader: What we build\n---\n{body}\n", "mails/welcome.md")


def a_draft(**changes: Any) -> Draft:
    """A complete draft of the welcome mail."""
    draft = Draft(
        send_id=42,
        source=a_source(),
        context=CONTEXT,
        sender_name="Anna at Acme",
        sender_email="anna@mail.acme.example",
        to_name="Ada Byron",
        to_address="ada@candidate.test",
        sequence="welcome-engineering",
        purpose="nurture",
        organization=Organization(
            name="Acme",
            zone="Europe/Berlin",
            country="DE",
            postal_address="Musterstr. 1, 10115 Berlin",
            privacy_url="https://acme.example/privacy",
        ),
        reason_line="You get this because you joined Acme's talent community on 10 March 2026.",
        date=datetime(2026, 3, 11, 8, 30, tzinfo=UTC),
        public_url="https://go.acme.example",
        mail_domain="mail.acme.example",
        reply_domain="reply.acme.example",
        bounce_domain="bounces.acme.example",
        signer=SIGNER,
    )
    return replace(draft, **changes)


def about(first_name: object) -> dict[str, Any]:
    """The context of a person who calls themselves this."""
    return CONTEXT | {"candidate": CANDIDATE | {"first_name": first_name}}
