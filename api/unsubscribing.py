"""Unsubscribing: GET asks, POST acts (RFC 8058); without cookies, without a login, as often as anybody likes."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from api import pages
from api.candidate_form import form_of, proof_of
from api.candidate_links import chooser_behind, send_of
from api.door import Behind, Door
from api.set_aside import STORE_IS_AWAY
from rapport.mail.tokens import Token
from rapport.store import consents, enrollments
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.consent_text import stop_text, title_of
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.preferences import Chooser, chooser_of
from rapport.usecases.shelf import plan_of

router = APIRouter(tags=["mail"])
_BUTTONS = {"purpose", "all"}


@router.get(
    "/u/{token:path}",
    operation_id="ask_to_unsubscribe",
    summary="Ask whether to unsubscribe",
    response_class=HTMLResponse,
    responses=pages.RESPONSES,
)
async def ask(token: str, behind: Behind) -> Response:
    """Show a page with a button; nothing happens yet, since mail scanners follow every link."""
    try:
        send = await send_of(behind, token, "unsubscribe")
        return pages.unknown_unsubscribe() if send is None else await _question(behind, send)
    except STORE_IS_AWAY:
        return pages.not_unsubscribed_yet(stop=None)


@router.post(
    "/u/{token:path}",
    operation_id="unsubscribe",
    summary="Unsubscribe",
    response_class=HTMLResponse,
    responses={**pages.RESPONSES, 200: {"description": "Done, now or before."}},
)
async def act(token: str, request: Request, behind: Behind) -> Response:
    """Unsubscribe at once: from the purpose of the mail, or from everything where that button was pressed."""
    stop = _pressed(await form_of(request))
    try:
        return await _act(behind, token, stop, proof_of(request, door="one-click"))
    except STORE_IS_AWAY:
        # Nothing is set aside here: who reads "you are unsubscribed" must be, before the next mail goes.
        return pages.not_unsubscribed_yet(stop=stop)


async def _act(behind: Door, token: str, stop: str | None, proof: Mapping[str, str]) -> Response:
    send = await send_of(behind, token, "unsubscribe")
    if send is None:
        return pages.unknown_unsubscribe()
    if stop is None:
        return await _question(behind, send)
    async with behind.store.write() as tx:
        await unsubscribe(tx, behind, send, everything=stop == "all", proof=proof)
    chooser = await chooser_behind(behind, send)
    return pages.unsubscribed(
        organization=chooser.project.organization.name,
        preferences_url=_preferences_url(behind, send),
        language=chooser.language,
    )


def _pressed(form: FormData) -> str | None:
    """Which button: our own, or the mail program's, which means the purpose of the mail; None for neither."""
    stop = form.get("stop")
    if isinstance(stop, str) and stop in _BUTTONS:
        return stop
    return "purpose" if form.get("List-Unsubscribe") == "One-Click" else None


async def unsubscribe(
    tx: Tx, behind: Door, send: SendRow, *, everything: bool, door: str = "mail", proof: Mapping[str, str] | None = None
) -> None:
    """Take the person out; a second time changes nothing. `proof` is what the door has seen, `door` its name."""
    walk = await enrollments.get(tx, send.enrollment)
    plan = await plan_of(tx, walk.sequence, walk.version)
    at = behind.clock.walk_time(walk.candidate)
    purpose = consents.ALL if everything else plan.purpose
    chooser = await chooser_of(tx, send, at, alone=True)
    if {consents.ALL, purpose} & set(chooser.closed):
        return
    incoming = Incoming(
        # Somebody who has come back may leave again, and coming back is an entry of the ledger.
        dedupe_key=f"unsubscribe:{send.id}:{purpose}:{len(chooser.ledger)}",
        kind="unsubscribed",
        candidate=walk.candidate,
        at=at,
        enrollment=walk.id,
        send=send.id,
        step=send.step,
        detail={"purpose": purpose},
        evidence={**(proof or {"door": door}), **_words(chooser, purpose)},
        shift=behind.shift(walk.candidate),
    )
    await take_in(tx, behind.clock, incoming)


def _words(chooser: Chooser, purpose: str) -> dict[str, str]:
    """What they no longer agree to, in the words of their preference page."""
    texts = {choice.key: choice.text for choice in chooser.choices}
    text = stop_text(chooser.project, chooser.language) if purpose == consents.ALL else texts.get(purpose, "")
    return {"text": text, "language": chooser.language}


async def _question(behind: Door, send: SendRow) -> Response:
    chooser = await chooser_behind(behind, send)
    async with behind.store.read() as tx:
        walk = await enrollments.get(tx, send.enrollment)
        plan = await plan_of(tx, walk.sequence, walk.version)
    purpose = chooser.project.purposes.get(plan.purpose)
    return pages.ask_to_unsubscribe(
        organization=chooser.project.organization.name,
        purpose=title_of(purpose, chooser.project, chooser.language) if purpose else plan.purpose,
        preferences_url=_preferences_url(behind, send),
        language=chooser.language,
    )


def _preferences_url(behind: Door, send: SendRow) -> str:
    """Beside this page, wherever a proxy has put it; a token of its own, since mail providers keep those of `/u/`."""
    return f"../p/{behind.house.signer.make(Token(kind='preferences', send=send.id))}"
