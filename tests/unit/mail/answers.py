"""Mails that come back to us, as people and servers write them."""

from pathlib import Path

from rapport.mail.compose import compose
from rapport.mail.inbound import read_inbound
from rapport.mail.tokens import Token
from tests.unit.mail.builders import SIGNER, a_draft

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "mail"
OURS = compose(a_draft())
REPLY = f"r+{SIGNER.make(Token(kind='reply', send=42))}@reply.acme.example"
QUOTE = "\n\nOn Wed, Mar 11, 2026 at 9:30 AM Anna <anna@mail.acme.example> wrote:\n> Hi Ada,\n> you joined\n"


def a_mail(text: str = "Yes, gladly!", **headers: str) -> bytes:
    """A mail from Ada; header names are written with underscores."""
    lines = {
        "From": "Ada <ada@candidate.test>",
        "To": REPLY,
        "Subject": "Re: Welcome",
        "Message_ID": "<1@candidate.test>",
    }
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (lines | headers).items())
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def a_report(status: str, diagnostic: str, *, action: str = "failed", enclosed: str = "") -> bytes:
    """A delivery report as Postfix writes it."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: someone@acme.example\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n"
        f"Final-Recipient: rfc822; ada@candidate.test\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{enclosed}\r\n--b--\r\n"
    ).encode()


def kind(raw: bytes, envelope_to: str | None = None) -> str:
    """What a mail is taken for."""
    return read_inbound(raw, envelope_to, SIGNER).kind
