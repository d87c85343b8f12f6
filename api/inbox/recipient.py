"""Acting as a mail's recipient, over the same doors that real recipients use: HTTP and SMTP."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

import aiosmtplib
import httpx

from api.inbox.letter import Letter
from rapport.errors import BadInput, Refused, TemporaryFailure

_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"
_PATIENCE = 10  # seconds; both doors are on this machine
# The usual limit of 78 would encode long ids, and a mail program would not find the thread.
_UNFOLDED = SMTP.clone(max_line_length=998)
_ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who reads a mail; only pages below `public_url` are called, and only this machine's mail server."""

    public_url: str
    smtp_host: str
    smtp_port: int
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    async def load_pictures(self, letter: Letter) -> str:
        """Load what a mail program would load."""
        ours = [url for url in letter.pictures if self._is_ours(url)]
        for url in ours:
            await self._call("GET", url)
        return f"Loaded {len(ours)} of {len(letter.pictures)} pictures." if letter.pictures else "There is no picture."

    async def click(self, letter: Letter, number: int) -> str:
        """Follow the link with this number, counted from 0, as far as our own door."""
        if not 0 <= number < len(letter.anchors):
            raise BadInput(place="link", message="there is no such link in this mail", hint="Count from 0.")
        url = letter.anchors[number].url
        if not self._is_ours(url):
            return "This link is not one of ours; it was not followed."
        answer = await self._call("GET", url)
        return f"Clicked: {answer.status_code} {answer.headers.get('location', '')}".strip()

    async def unsubscribe(self, letter: Letter) -> str:
        """Unsubscribe by one click, as mail programs do it (RFC 8058)."""
        url = letter.unsubscribe_url
        if url is None or not self._is_ours(url):
            raise Refused(
                reason="no_unsubscribe", message="This mail offers no unsubscribing.", hint="Look at its headers."
            )
        answer = await self._call("POST", url, _ONE_CLICK)
        return f"Unsubscribed: {answer.status_code}."

    async def reply(self, letter: Letter, text: str, *, sender: str, at: datetime) -> str:
        """Answer by a real mail to Reply-To."""
        raw = _reply(letter, text, sender=sender, at=at).as_bytes(policy=_UNFOLDED)
        try:
            await aiosmtplib.send(
                raw,
                sender=sender,
                recipients=[letter.reply_to],
                hostname=self.smtp_host,
                port=self.smtp_port,
                timeout=_PATIENCE,
                start_tls=False,
            )
        except aiosmtplib.SMTPException as error:
            raise TemporaryFailure("The reply was not taken.", hint="Is the API running? Try again.") from error
        return "Replied."

    def _is_ours(self, url: str) -> bool:
        return url.startswith(self.public_url.rstrip("/") + "/")

    async def _call(self, method: str, url: str, form: dict[str, str] | None = None) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.transport, timeout=_PATIENCE, trust_env=False) as http:
            try:
                return await http.request(method, url, data=form, headers={"User-Agent": _AGENT})
            except httpx.HTTPError as error:
                raise TemporaryFailure("The API does not answer.", hint="Is it running? Try again.") from error


def _reply(letter: Letter, text: str, *, sender: str, at: datetime) -> EmailMessage:
    reply = EmailMessage(policy=_UNFOLDED)
    subject = letter.subject.removeprefix("Re: ")
    own_id = sha256(f"{letter.message_id}\n{at.isoformat()}\n{text}".encode()).hexdigest()[:24]
    reply["From"] = sender
    reply["To"] = letter.reply_to
    reply["Subject"] = f"Re: {subject}"
    reply["Date"] = format_datetime(at)
    reply["Message-ID"] = f"<{own_id}@inbox.test>"
    if letter.message_id:
        reply["In-Reply-To"] = letter.message_id
        reply["References"] = f"{letter.references} {letter.message_id}".strip()
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines()[:200])
    reply.set_content(
        f"{text.rstrip()}\n\nOn {letter.date}, {letter.sender} wrote:\n{quoted}\n", cte="quoted-printable"
    )
    return reply
