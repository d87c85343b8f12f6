"""Links and pixels of our mails: what candidates do is stored, and they get where the mail said, nowhere else."""

import base64
import logging
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import pages
from api.door import Behind, Door
from api.problems import where
from api.verdict import Verdict, verdict
from rapport.errors import RapportError
from rapport.mail.tokens import Token, TokenKind
from rapport.store import candidates, enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import valid_consents

router = APIRouter(tags=["mail"])
_LOG = logging.getLogger(__name__)
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_PIXEL_HEADERS = {"Cache-Control": "no-store, private, max-age=0", "X-Robots-Tag": "noindex"}
_CLICK_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_TRACKING = "tracking"
_MINUTE = "%Y-%m-%dT%H:%M"


@router.head("/c/{token:path}", include_in_schema=False)
@router.get(
    "/c/{token:path}",
    operation_id="follow_link",
    summary="Follow a link of a mail",
    status_code=302,
    response_class=RedirectResponse,
    responses={
        302: {"description": "To the destination that was stored with the send."},
        404: {"description": "A page."},
    },
)
async def click(token: str, request: Request, behind: Behind) -> Response:
    """Store the click and go to the stored destination; a link that we did not make goes nowhere."""
    read = behind.house.signer.read(token)
    link = await _link(behind, read) if read is not None and read.kind == "click" else None
    if read is None or link is None:
        return pages.link_is_gone(organization=await organization_name(behind))
    try:
        await _store_click(behind, read, link, request)
    except Exception as fault:  # noqa: BLE001  # the person must get where they want to go, whatever broke here
        _LOG.error("Click not stored", extra={"action": "click_not_stored", "fault": where(fault)})
    return RedirectResponse(link.url, 302, headers=_CLICK_HEADERS)


@router.get(
    "/o/{token:path}",
    operation_id="load_pixel",
    summary="Load the pixel of a mail",
    response_class=Response,
    responses={200: {"content": {"image/gif": {}}, "description": "Always the same 43 bytes."}},
)
async def opened(token: str, request: Request, behind: Behind) -> Response:
    """Answer the same to everybody; the open is stored only with the person's consent to tracking."""
    read = behind.house.signer.read(token.removesuffix(".gif"))
    if read is not None and read.kind == "open":
        try:
            await _store_open(behind, read, request)
        except Exception as fault:  # noqa: BLE001  # a broken picture would tell the reader something
            _LOG.error("Open not stored", extra={"action": "open_not_stored", "fault": where(fault)})
    return Response(PIXEL, media_type="image/gif", headers=_PIXEL_HEADERS)


async def organization_name(behind: Door) -> str | None:
    """Who sends; None before anything was published."""
    async with behind.store.read() as tx:
        try:
            return (await live_project(tx)).organization.name
        except RapportError:
            return None


async def _link(behind: Door, token: Token) -> SendLinkRow | None:
    async with behind.store.read() as tx:
        return await sends.link(tx, token.send, token.number)


async def _store_click(behind: Door, token: Token, link: SendLinkRow, request: Request) -> None:
    async with behind.store.write() as tx:
        send = await sends.find(tx, token.send)
        if send is not None:
            await take_in(tx, behind.clock, await _engagement(tx, behind, token.kind, send, request, link))


async def _store_open(behind: Door, token: Token, request: Request) -> None:
    async with behind.store.write() as tx:
        send = await sends.find(tx, token.send)
        if send is None:
            return
        seen = await _engagement(tx, behind, token.kind, send, request, None)
        if await _may_track(tx, str(seen.candidate), seen.at):
            await take_in(tx, behind.clock, seen)


async def _engagement(
    tx: Tx, behind: Door, kind: TokenKind, send: SendRow, request: Request, link: SendLinkRow | None
) -> Incoming:
    walk = await enrollments.get(tx, send.enrollment)
    at = behind.clock.walk_time(walk.candidate)
    judged, why = verdict(request.method, request.headers)
    what = f"{kind}:{send.id}:{link.number if link else 0}"
    return Incoming(
        dedupe_key=_dedupe_key(what, judged, at),
        kind={"click": "clicked", "open": "opened"}[kind],
        candidate=walk.candidate,
        at=at,
        enrollment=walk.id,
        send=send.id,
        step=send.step,
        link=link.name if link else None,
        verdict=judged,
        shift=behind.shift(walk.candidate),
        evidence={"why": why, "agent": request.headers.get("user-agent", "")[:200]},
    )


def _dedupe_key(what: str, judged: Verdict, at: datetime) -> str:
    """A browser's retry is the same click; a machine's visit never stands in the way of a person's."""
    return f"{what}:{judged}:{at.strftime(_MINUTE)}"


async def _may_track(tx: Tx, candidate: str, at: datetime) -> bool:
    person = await candidates.get(tx, candidate)
    return _TRACKING in await valid_consents(tx, person, await live_project(tx), at)
