"""Unsubscribing: GET asks, POST acts (RFC 8058); without cookies, without a login, as often as anybody likes."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from api import pages
from api.door import Behind, Door
from api.set_aside import STORE_IS_AWAY
from api.tracking import organization_name
from rapport.mail.tokens import Token
from rapport.store import enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project, plan_of

router = APIRouter(tags=["mail"])
_UNKNOWN_SENDER = "the sender"
_PAGES: dict[int | str, dict[str, Any]] = {
    404: {"description": "A page that says what works anyway."},
    503: {"description": "A page that asks to try again; nothing has been changed."},
}
_BUTTONS = {"purpose", "all"}


@router.get(
    "/u/{token:path}",
    operation_id="ask_to_unsubscribe",
    summary="Ask whether to unsubscribe",
    response_class=HTMLResponse,
    responses=_PAGES,
)
async def ask(token: str, behind: Behind) -> Response:
    """Show a page with a button; nothing happens yet, since mail scanners follow every link."""
    try:
        send = await _send(behind, token)
        return pages.unknown_unsubscribe() if send is None else await _question(behind, send)
    except STORE_IS_AWAY:
        return pages.not_unsubscribed_yet(stop=None)


@router.post(
    "/u/{token:path}",
    operation_id="unsubscribe",
    summary="Unsubscribe",
    response_class=HTMLResponse,
    responses={**_PAGES, 200: {"description": "Done, now or before."}},
)
async def act(token: str, request: Request, behind: Behind) -> Response:
    """Unsubscribe at once: from the purpose of the mail, or from everything where that button was pressed."""
    stop = _pressed(await _form(request))
    try:
        return await _act(behind, token, stop)
    except STORE_IS_AWAY:
        # Nothing is set aside here: who reads "you are unsubscribed" must be, before the next mail goes.
        return pages.not_unsubscribed_yet(stop=stop)


async def _act(behind: Door, token: str, stop: str | None) -> Response:
    send = await _send(behind, token)
    if send is None:
        return pages.unknown_unsubscribe()
    if stop is None:
        return await _question(behind, send)
    async with behind.store.write() as tx:
        await unsubscribe(tx, behind, send, everything=stop == "all", door="one-click")
    return pages.unsubscribed(organization=await organization_name(behind) or _UNKNOWN_SENDER)


def _pressed(form: FormData) -> str | None:
    """Which button: our own, or the mail program's, which means the purpose of the mail; None for neither."""
    stop = form.get("stop")
    if isinstance(stop, str) and stop in _BUTTONS:
        return stop
    return "purpose" if form.get("List-Unsubscribe") == "One-Click" else None


async def unsubscribe(tx: Tx, behind: Door, send: SendRow, *, everything: bool, door: str) -> None:
    """Take the person out; a second time changes nothing."""
    walk = await enrollments.get(tx, send.enrollment)
    plan = await plan_of(tx, walk.sequence, walk.version)
    at = behind.clock.walk_time(walk.candidate)
    purpose = "all" if everything else plan.purpose
    incoming = Incoming(
        # Somebody who has come back may leave again, so that the day is part of the key.
        dedupe_key=f"unsubscribe:{send.id}:{purpose}:{at.date().isoformat()}",
        kind="unsubscribed",
        candidate=walk.candidate,
        at=at,
        enrollment=walk.id,
        send=send.id,
        step=send.step,
        detail={"purpose": purpose},
        evidence={"door": door},
        shift=behind.shift(walk.candidate),
    )
    await take_in(tx, behind.clock, incoming)


async def _send(behind: Door, token: str) -> SendRow | None:
    read: Token | None = behind.house.signer.read(token)
    if read is None or read.kind != "unsubscribe":
        return None
    async with behind.store.read() as tx:
        return await sends.find(tx, read.send)


async def _question(behind: Door, send: SendRow) -> Response:
    async with behind.store.read() as tx:
        walk = await enrollments.get(tx, send.enrollment)
        plan = await plan_of(tx, walk.sequence, walk.version)
        project = await live_project(tx)
    purpose = project.purposes.get(plan.purpose)
    return pages.ask_to_unsubscribe(
        organization=project.organization.name, purpose=purpose.title if purpose else plan.purpose
    )


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=1, max_fields=10)
    except HTTPException:  # a body that is no form
        return FormData()
