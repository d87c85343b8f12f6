"""The mailboxes of the cast, over the inbox's own doors, and how people answer a mail."""

import re
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage

import aiosmtplib
import httpx

_HREF = re.compile(r'href="(?P<url>[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail in somebody's inbox."""

    message: EmailMessage
    recipient: str
    sender: str

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])

    @property
    def unsubscribe_url(self) -> str:
        """The address of one-click unsubscribe (RFC 8058)."""
        return str(self.message["List-Unsubscribe"]).partition(">")[0].lstrip("<")

    @property
    def links(self) -> list[str]:
        """Every link of the HTML part, in order."""
        body = self.message.get_body(("html",))
        return [match["url"].replace("&amp;", "&") for match in _HREF.finditer(body.get_content() if body else "")]


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Every mail that arrived, in the inbox that caught it."""

    inbox: httpx.AsyncClient

    async def find(self, recipient: str, message_id: str) -> Mail:
        """The person's mail with this Message-ID; LookupError when it has not arrived."""
        for slip in (await self.inbox.get("/mails.json", params={"to": recipient})).raise_for_status().json():
            raw = (await self.inbox.get(f"/mails/{slip['number']}/raw")).raise_for_status().content
            message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
            mail = Mail(message=message, recipient=recipient, sender=slip["sender"])
            if mail.message_id == message_id:
                return mail
        raise LookupError(message_id)


async def answer(mail: Mail, *, port: int, text: str, back_on: date | None = None) -> None:
    """Answer by SMTP: a person writes to Reply-To, a vacation responder to the envelope sender (RFC 3834)."""
    reply = EmailMessage()
    reply["From"] = mail.recipient
    reply["To"] = str(mail.message["Reply-To"]) if back_on is None else mail.sender
    reply["Subject"] = f"{'Re' if back_on is None else 'Automatic reply'}: {mail.message['Subject']}"
    reply["In-Reply-To"] = mail.message_id
    reply["References"] = mail.message_id
    reply["Message-ID"] = f"<answer.{mail.message_id.strip('<>')}>"
    if back_on is not None:
        reply["Auto-Submitted"] = "auto-replied"
        text = f"I am out of the office and will be back on {back_on:%d %B %Y}."
    reply.set_content(text)
    await aiosmtplib.send(
        reply.as_bytes(policy=policy.SMTP.clone(max_line_length=998)),
        sender=mail.recipient,
        recipients=[_address(reply["To"])],
        hostname="127.0.0.1",
        port=port,
        start_tls=False,
    )


def _address(header: str) -> str:
    return header.rpartition("<")[2].rstrip(">").strip()
