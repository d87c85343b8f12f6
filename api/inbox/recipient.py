"""Acting as a mail's recipient, over the same doors that real recipients use: HTTP and SMTP."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiosmtplib
import httpx

from api.inbox import answers
from api.inbox.box import Slip
from api.inbox.letter import Letter
from rapport.errors import BadInput, Refused, TemporaryFailure

_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"
_PATIENCE = 10  # seconds; both doors are on this machine
_AWAY_FOR = timedelta(days=7)
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
        await self._send(answers.reply(letter, text, sender=sender, at=at), sender=sender, to=letter.reply_to)
        return "Replied."

    async def answer_away(self, letter: Letter, slip: Slip, *, at: datetime) -> str:
        """Let the mailbox answer that its owner is away for a week, by a real mail to the envelope sender."""
        back = (at + _AWAY_FOR).date()
        raw = answers.out_of_office(letter, sender=slip.recipient, envelope_sender=slip.sender, back=back, at=at)
        # A null sender, so that nobody answers an answer (RFC 3834).
        await self._send(raw, sender="", to=slip.sender)
        return f"Answered: out of office, back on {back.isoformat()}."

    async def bounce(self, original: bytes, slip: Slip, *, at: datetime) -> str:
        """Let the mail server report that the address does not exist."""
        raw = answers.delivery_status(original, recipient=slip.recipient, envelope_sender=slip.sender, at=at)
        await self._send(raw, sender="", to=slip.sender)
        return "Bounced: no such mailbox (5.1.1)."

    async def complain(self, original: bytes, slip: Slip, *, at: datetime) -> str:
        """Let the mailbox provider report that its user has marked the mail as spam."""
        raw = answers.feedback_report(original, recipient=slip.recipient, envelope_sender=slip.sender, at=at)
        await self._send(raw, sender="feedback@inbox.test", to=slip.sender)
        return "Complained: marked as spam."

    async def _send(self, raw: bytes, *, sender: str, to: str) -> None:
        server = aiosmtplib.SMTP(
            hostname=self.smtp_host, port=self.smtp_port, timeout=_PATIENCE, start_tls=False, use_tls=False
        )
        try:
            async with server:
                await server.sendmail(sender, [to], raw)
        except aiosmtplib.SMTPException as error:
            raise TemporaryFailure("The mail was not taken.", hint="Is the API running? Try again.") from error

    def _is_ours(self, url: str) -> bool:
        return url.startswith(self.public_url.rstrip("/") + "/")

    async def _call(self, method: str, url: str, form: dict[str, str] | None = None) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.transport, timeout=_PATIENCE, trust_env=False) as http:
            try:
                return await http.request(method, url, data=form, headers={"User-Agent": _AGENT})
            except httpx.HTTPError as error:
                raise TemporaryFailure("The API does not answer.", hint="Is it running? Try again.") from error
