"""What a mail is made of, and what is made of it: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.dsl.mail_source import MailSource
from rapport.dsl.project import Organization
from rapport.mail.dkim_key import DkimKey
from rapport.mail.markdown import Link
from rapport.mail.notice import Notice
from rapport.mail.tokens import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The mails before this one, when it goes into their thread.

    `references` are the previous mail's references and then its own Message-ID; `subject` is the first mail's.
    """

    references: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One mail to one person, decided but not yet written.

    `context` holds every field of the catalogue, None where nothing is known. `date` is the time of the first
    attempt. `reason_line` tells why they get it, `notice` where their data come from, when that must be told.
    `public_url` has no slash at its end. `track_opens` only with the person's consent to tracking. Without `dkim` the
    mail is not signed. `relay` is the mail server that it goes out by: providers want a mark of their own.
    """

    send_id: int
    source: MailSource = field(repr=False)
    context: Mapping[str, Any] = field(repr=False)
    sender_name: str
    sender_email: str
    to_name: str | None = field(repr=False)
    to_address: str = field(repr=False)
    sequence: str
    purpose: str
    organization: Organization
    reason_line: str
    date: datetime
    public_url: str
    mail_domain: str
    reply_domain: str
    bounce_domain: str
    signer: Signer
    language: str | None = None
    thread: Thread | None = None
    track_opens: bool = False
    notice: Notice | None = field(default=None, repr=False)
    dkim: DkimKey | None = None
    relay: str = ""
    file: str = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A mail ready for the wire; stored before the first attempt and sent as it is by every later one.

    `references` and then `message_id` are what a follow-up in the same thread refers to.
    """

    raw: bytes = field(repr=False)
    message_id: str
    references: tuple[str, ...]
    subject: str = field(repr=False)
    envelope_sender: str
    recipient: str = field(repr=False)
    links: tuple[Link, ...]
    html: str = field(repr=False)
    text: str = field(repr=False)
