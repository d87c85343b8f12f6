"""Mails that come back: replies, bounces, complaints and absences, as the mail gateway hands them in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.door import Behind, Door
from api.keys import comes_from_here, same_secret
from api.problems import documented
from api.unsubscribing import unsubscribe
from rapport.mail.inbound import Inbound, read_inbound
from rapport.store import enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in

router = APIRouter(tags=["mail"])

# What a mail means for the walk. What is missing here is kept by nobody: it is no answer to a mail of ours.
_EVENTS: Mapping[str, str] = {
    "reply": "replied",
    "auto_reply": "out_of_office",
    "bounce_hard": "bounced",
    "bounce_soft": "bounced",
    "bounce_block": "bounced",
    "complaint": "complained",
}
_MAIL_BODY = {
    "requestBody": {"required": True, "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}}
}


class MailTaken(BaseModel):
    """What an incoming mail was taken for."""

    kind: str = Field(description="What the mail is.", examples=["reply"])
    stored: bool = Field(description="Whether it belongs to a mail of ours and is new.")


async def _gateway(
    request: Request,
    behind: Behind,
    authorization: Annotated[str, Header(description="Bearer and the inbound token.")] = "",
) -> None:
    """Let the mail gateway in, and a program on this machine where no token is set."""
    token = behind.house.settings.inbound_token
    if token and same_secret(authorization, f"Bearer {token}"):
        return
    if not token and comes_from_here(request):
        return
    raise HTTPException(
        401,
        "Send the inbound token: `Authorization: Bearer …` (RAPPORT_INBOUND_TOKEN).",
        {"WWW-Authenticate": "Bearer"},
    )


@router.post(
    "/inbound/mail",
    operation_id="hand_in_mail",
    summary="Hand in a mail that came back",
    status_code=202,
    response_model=MailTaken,
    responses=documented(401, 413, 415),
    openapi_extra=_MAIL_BODY,
    dependencies=[Depends(_gateway)],
)
async def receive(
    request: Request,
    behind: Behind,
    x_envelope_to: Annotated[
        str, Header(max_length=500, description="The address that the mail was sent to, as the envelope says.")
    ] = "",
) -> JSONResponse:
    """Read the mail and tell the walk that it answers; a mail that nobody can place is acknowledged and dropped."""
    # A web page can make a browser on this machine post plain text, but not this.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "message/rfc822":
        raise HTTPException(415, "Hand in the mail as it came: `Content-Type: message/rfc822`.")
    mail = read_inbound(await request.body(), x_envelope_to or None, behind.house.signer)
    async with behind.store.write() as tx:
        send = await _answered(tx, mail)
        stored = send is not None and await _take(tx, behind, mail, send)
    return JSONResponse(MailTaken(kind=mail.kind, stored=stored).model_dump(), 202)


async def _answered(tx: Tx, mail: Inbound) -> SendRow | None:
    """The send that it belongs to: by our own token, else by the first id that is one of ours."""
    found = await sends.find(tx, mail.token.send) if mail.token is not None else None
    for message_id in mail.message_ids if found is None else ():
        found = await sends.by_message_id(tx, message_id)
        if found is not None:
            return found
    return found


async def _take(tx: Tx, behind: Door, mail: Inbound, send: SendRow) -> bool:
    if mail.kind == "unsubscribe":
        await unsubscribe(tx, behind, send, everything=False, door="mail")
        return True
    kind = _EVENTS.get(mail.kind)
    if kind is None or mail.delayed:
        return False
    walk = await enrollments.get(tx, send.enrollment)
    at = behind.clock.walk_time(walk.candidate)
    return (await _store(tx, behind, mail, send, walk.candidate, kind, at)).new


async def _store(tx: Tx, behind: Door, mail: Inbound, send: SendRow, candidate: str, kind: str, at: datetime) -> Taken:
    incoming = Incoming(
        dedupe_key=f"mail:{mail.dedupe_key}:{send.id}",
        kind=kind,
        candidate=candidate,
        at=at,
        enrollment=send.enrollment,
        send=send.id,
        step=send.step,
        detail=_detail(mail),
        # An absence without a day of return is kept, and holds nothing: nobody can tell until when.
        verdict="unsure" if kind == "out_of_office" and mail.back_on is None else "human",
        shift=behind.shift(candidate),
        evidence={"matched_by": mail.matched_by, "subject": mail.subject[:500], "text": mail.text[:20_000]},
    )
    return await take_in(tx, behind.clock, incoming)


def _detail(mail: Inbound) -> dict[str, Any]:
    if mail.kind.startswith("bounce_"):
        return {"bounce": mail.kind.removeprefix("bounce_")}
    return {"until": mail.back_on.isoformat()} if mail.back_on is not None else {}
