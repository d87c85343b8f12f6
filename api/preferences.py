"""The preference page: GET shows, POST changes; without cookies, scripts or a login, by links that never expire."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from api import pages
from api.candidate_form import form_of, proof_of
from api.candidate_links import chooser_behind, send_of
from api.door import Behind, Door
from api.set_aside import STORE_IS_AWAY
from rapport.store import enrollments
from rapport.store.tables.mails import SendRow
from rapport.usecases.preference_changes import Answer, Deed, Pressed, press
from rapport.usecases.preferences import Preferences, preferences_of

router = APIRouter(tags=["mail"])
_DEEDS: dict[str, Deed] = {"save": "save", "renew": "renew", "pause": "pause", "resume": "resume", "stop": "stop"}


@router.get(
    "/p/{token:path}",
    operation_id="show_preferences",
    summary="Show what a person gets",
    response_class=HTMLResponse,
    responses=pages.RESPONSES,
)
async def show(token: str, behind: Behind) -> Response:
    """Show the page; nothing happens, since mail scanners follow every link."""
    try:
        send = await send_of(behind, token, "preferences")
        if send is None:
            return pages.unknown_unsubscribe()
        return pages.preferences(await _choices(behind, send), answer=None)
    except STORE_IS_AWAY:
        return pages.not_changed_yet()


@router.post(
    "/p/{token:path}",
    operation_id="change_preferences",
    summary="Change what a person gets",
    response_class=HTMLResponse,
    responses={**pages.RESPONSES, 200: {"description": "Done, now or before; the page says what."}},
)
async def change(token: str, request: Request, behind: Behind) -> Response:
    """Do what the button says, and show the page anew."""
    pressed, proof = _pressed(await form_of(request)), proof_of(request, door="preferences")
    try:
        send = await send_of(behind, token, "preferences")
        if send is None:
            return pages.unknown_unsubscribe()
        answer = await _press(behind, send, pressed, proof) if pressed else None
        return pages.preferences(await _choices(behind, send), answer=answer)
    except STORE_IS_AWAY:
        return pages.not_changed_yet()


def _pressed(form: FormData) -> Pressed | None:
    """The button, and the boxes; None for whatever is no button of ours."""
    deed = _DEEDS.get(str(form.get("do")))
    if deed is None:
        return None
    shown = (str(value).partition(":") for value in form.getlist("shown"))
    return Pressed(
        deed=deed,
        shown={key: version for key, _, version in shown},
        ticked=frozenset(str(value) for value in form.getlist("wanted")),
    )


async def _press(behind: Door, send: SendRow, pressed: Pressed, proof: dict[str, str]) -> Answer:
    async with behind.store.write() as tx:
        walk = await enrollments.get(tx, send.enrollment)
        return await press(
            tx,
            behind.clock,
            send,
            pressed,
            at=behind.clock.walk_time(walk.candidate),
            shift=behind.shift(walk.candidate),
            proof=proof,
        )


async def _choices(behind: Door, send: SendRow) -> Preferences:
    return preferences_of(await chooser_behind(behind, send))
