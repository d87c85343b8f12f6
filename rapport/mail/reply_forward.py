"""A candidate's reply on its way to a recruiter: who answers it writes to the candidate."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from rapport.errors import BadInput
from rapport.mail.addresses import mailable
from rapport.mail.headers import encode_text, one_line, write_address, write_headers
from rapport.mail.parsed import ParsedMail
from rapport.mail.tokens import message_id

# Nobody has a mailbox of this name by chance: what comes back to it is about a recruiter's mailbox.
_NAME = "rapport-forward"
_LONGEST_SUBJECT = 200
_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_OURS = re.compile(rf"^x-{_NAME}:|^[> \t]{{0,20}}message-id:[ \t]{{0,20}}<{_NAME}\.", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A reply, and to whom it goes; `about` names the mail that it answers, `sure` whether that is certain."""

    happening: str
    at: datetime
    to: tuple[str, str]
    candidate: tuple[str, str] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    answers: str = field(repr=False)
    about: str
    sure: bool
    original: bytes | None = field(default=None, repr=False)


def forward_sender(domain: str) -> str:
    """The envelope sender: what comes back to it is about a recruiter's mailbox, never about a candidate."""
    return f"{_NAME}@{domain}"


def comes_of_a_forward(mail: ParsedMail, envelope_to: str | None) -> bool:
    """Tell whether a mail is a forward of ours that came back, or a machine's answer to one."""
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    places = [envelope_to or "", *(value for name in names for value in mail.headers(name))]
    if any(f"{_NAME}@" in place.lower() for place in places) or f"X-{_NAME}" in mail.message:
        return True
    return f"<{_NAME}." in mail.header("In-Reply-To") or any(_OURS.search(text) for text in mail.enclosed)


def write_forward(forward: Forward, *, domains: tuple[str, str], secret: bytes) -> bytes:
    """Write it, the same bytes on every attempt; `domains` are those of our mails and of replies to them.

    The original is attached where it is given, so that nothing of it is lost: a CV, a picture.
    """
    name = one_line(forward.candidate[0]) or "A candidate"
    boundary = f"=_{forward.happening}"
    parts = [_text_part(_text(forward, name)), *([_original(forward.original)] if forward.original else [])]
    body = b"".join(f"--{boundary}\r\n".encode() + part for part in parts)
    content = ("Content-Type", f'multipart/mixed; boundary="{boundary}"')
    head = write_headers([*_headers(forward, name, domains, secret), ("MIME-Version", "1.0"), content])
    return head + b"\r\n" + body + f"--{boundary}--\r\n".encode()


def _headers(forward: Forward, name: str, domains: tuple[str, str], secret: bytes) -> Iterator[tuple[str, str]]:
    mail_domain, reply_domain = domains
    yield "From", write_address(f"{name} (answers Rapport)", f"{_NAME}@{reply_domain}")
    yield "To", write_address(one_line(forward.to[0]), forward.to[1])
    if _can_be_answered(forward.candidate[1]):
        yield "Reply-To", write_address(name, forward.candidate[1])
    yield "Subject", encode_text(one_line(forward.subject)[:_LONGEST_SUBJECT] or "Reply")
    yield "Date", format_datetime(forward.at)
    number = int.from_bytes(forward.happening.encode()[-7:], "big")
    key = secret + forward.happening.encode()
    yield "Message-ID", message_id(kind=_NAME, send_id=number, domain=mail_domain, secret=key)
    if _ID.fullmatch(forward.answers):
        yield "In-Reply-To", forward.answers
        yield "References", forward.answers
    # So that the machine of a recruiter who is away does not answer.
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield f"X-{_NAME.title()}", forward.happening


def _text(forward: Forward, name: str) -> str:
    doubt = "" if forward.sure else "Address and subject fit, nothing else does: see whether it answers that mail.\n"
    goes = f"Answer this mail: it goes to {name}."
    return f"{name} has answered {forward.about}.\n{doubt}\n{forward.text}\n\n-- \n{goes}"


def _text_part(text: str) -> bytes:
    plain = "".join(letter for letter in text if letter in "\n\t" or letter.isprintable())
    lines = [binascii.b2a_qp(line.encode("utf-8", "replace")) for line in plain.split("\n")]
    head = write_headers(
        [("Content-Type", 'text/plain; charset="utf-8"'), ("Content-Transfer-Encoding", "quoted-printable")]
    )
    return head + b"\r\n" + b"\n".join(lines).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"


def _original(raw: bytes) -> bytes:
    # As a file: message/rfc822 may not be encoded, and not every server takes the lines of any mail as they are.
    head = write_headers(
        [
            ("Content-Type", 'application/octet-stream; name="original.eml"'),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", 'attachment; filename="original.eml"'),
        ]
    )
    return head + b"\r\n" + base64.encodebytes(raw).replace(b"\n", b"\r\n") + b"\r\n"


def _can_be_answered(address: str) -> bool:
    try:
        return mailable(address, test_environment=True).text.isascii()
    except BadInput:
        return False
