"""The web inbox: read what was sent, and act as the person who got it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from html import escape
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from api.body import Capped
from api.inbox.box import Box, Slip
from api.inbox.letter import Letter
from api.inbox.pages import HEADERS, LETTER_HEADERS, render
from api.inbox.recipient import Recipient
from api.problems import Unbroken, handle_problems
from rapport.clock import Clock
from rapport.errors import BadInput, NotFound, TemporaryFailure
from rapport.mail.parsed import ParsedMail
from rapport.mail.sink import Envelope, start_sink
from rapport.settings import Settings, is_loopback

_LOG = logging.getLogger(__name__)
_FORWARD_PATIENCE = 10  # seconds
_FIRST_ERROR = 400
_LONGEST_REPLY = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the pages work with."""

    box: Box
    recipient: Recipient
    settings: Settings
    clock: Clock
    api_url: str

    async def deliver(self, envelope: Envelope) -> None:
        """Take a mail from SMTP: what is for us goes on to the API, the rest is somebody's mail."""
        mine = [address for address in envelope.recipients if self._is_for_us(address)]
        for address in mine:
            await self._hand_in(envelope.raw, address)
        for address in envelope.recipients:
            if address not in mine:
                await self.box.put(
                    envelope.raw,
                    recipient=address,
                    sender=envelope.sender,
                    subject=ParsedMail.of(envelope.raw).header("Subject"),
                    at=self.clock.now(),
                )

    def _is_for_us(self, address: str) -> bool:
        domain = address.rpartition("@")[2].lower()
        return domain in (self.settings.reply_domain.lower(), self.settings.bounce_domain.lower())

    async def _hand_in(self, raw: bytes, address: str) -> None:
        headers = {"Content-Type": "message/rfc822", "X-Envelope-To": address}
        if self.settings.inbound_token:
            headers["Authorization"] = f"Bearer {self.settings.inbound_token}"
        async with httpx.AsyncClient(timeout=_FORWARD_PATIENCE, trust_env=False) as http:
            answer = await http.post(f"{self.api_url}/inbound/mail", content=raw, headers=headers)
        if answer.status_code >= _FIRST_ERROR:
            _LOG.warning("Mail not taken", extra={"action": "mail_not_taken", "status": answer.status_code})
            raise TemporaryFailure("The API did not take the mail.", hint="Look at its log.")


def create_inbox(settings: Settings, clock: Clock, *, smtp_port: int, api_url: str) -> FastAPI:
    """Make the inbox; its mail server listens on `smtp_port` of this machine while the app runs."""
    host = "127.0.0.1"
    recipient = Recipient(public_url=settings.public_url, smtp_host=host, smtp_port=smtp_port)
    box = Box(settings.inbox_folder)
    desk = Desk(box=box, recipient=recipient, settings=settings, clock=clock, api_url=api_url)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        sink = await start_sink(host, smtp_port, desk.deliver, misbehave=True)
        yield
        await sink.close()

    app = FastAPI(title="Rapport inbox", lifespan=lifespan, dependencies=[Depends(_from_here)], redoc_url=None)
    app.state.desk = desk
    _add_pages(app)
    handle_problems(app)
    app.add_middleware(Capped, larger={})
    app.add_middleware(Unbroken)
    return app


async def _from_here(request: Request) -> None:
    """Mails are personal, and buttons act: no page of another site may reach either."""
    foreign = request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if not is_loopback((request.url.hostname or "").strip("[]")) or (foreign and request.method != "GET"):
        raise HTTPException(403, "The inbox answers pages of its own only. Open it at http://127.0.0.1.")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


_Behind = Annotated[Desk, Depends(_desk)]


async def _found(number: int, desk: _Behind) -> tuple[Slip, Letter]:
    slip = desk.box.slip(number)
    if slip is None:
        raise NotFound(kind="mail", name=str(number), hint="The list is at /.")
    return slip, await asyncio.to_thread(Letter.of, await desk.box.raw(number))


_Found = Annotated[tuple[Slip, Letter], Depends(_found)]


def _add_pages(app: FastAPI) -> None:
    app.get("/", response_class=HTMLResponse)(_list)
    app.get("/mails.json")(_list_json)
    app.get("/mails/{number}", response_class=HTMLResponse)(_show)
    app.get("/mails/{number}/body", response_class=HTMLResponse)(_body)
    app.get("/mails/{number}/raw")(_raw)
    app.post("/mails/{number}/{act}")(_act)


async def _list(desk: _Behind, to: str = "") -> HTMLResponse:
    return HTMLResponse(render("list.html", slips=desk.box.slips(to=to)[:500], to=to), headers=HEADERS)


async def _list_json(desk: _Behind, to: str = "") -> list[dict[str, Any]]:
    return [asdict(slip) for slip in desk.box.slips(to=to)]


async def _show(found: _Found, done: str = "") -> HTMLResponse:
    slip, letter = found
    return HTMLResponse(render("letter.html", slip=slip, letter=letter, done=done[:200]), headers=HEADERS)


async def _body(found: _Found) -> HTMLResponse:
    _, letter = found
    return HTMLResponse(letter.html or f"<pre>{escape(letter.text)}</pre>", headers=LETTER_HEADERS)


async def _raw(number: int, desk: _Behind) -> Response:
    if desk.box.slip(number) is None:
        raise NotFound(kind="mail", name=str(number), hint="The list is at /.")
    raw = await desk.box.raw(number)
    return Response(raw, media_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


async def _act(
    act: str,
    found: _Found,
    desk: _Behind,
    link: Annotated[int, Form(ge=0)] = 0,
    text: Annotated[str, Form(max_length=_LONGEST_REPLY)] = "",
) -> RedirectResponse:
    slip, letter = found
    now = desk.clock.now()
    match act:
        case "images":
            said = await desk.recipient.load_pictures(letter)
        case "click":
            said = await desk.recipient.click(letter, link)
        case "unsubscribe":
            said = await desk.recipient.unsubscribe(letter)
        case "reply" if text.strip():
            said = await desk.recipient.reply(letter, text, sender=slip.recipient, at=now)
        case "away":
            said = await desk.recipient.answer_away(letter, slip, at=now)
        case "bounce":
            said = await desk.recipient.bounce(await desk.box.raw(slip.number), slip, at=now)
        case "complain":
            said = await desk.recipient.complain(await desk.box.raw(slip.number), slip, at=now)
        case _:
            raise BadInput(place="act", message="nobody can do that", hint="Use the buttons; a reply needs a text.")
    address = httpx.URL(f"/mails/{slip.number}", params={"done": said})
    return RedirectResponse(str(address), 303)
