"""Mails that come back: replies, bounces, complaints and absences, as the mail gateway hands them in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.door import Behind, Door
from api.keys import comes_from_here, same_secret
from api.problems import documented
from rapport.usecases.incoming_mail import MailDoor
from rapport.usecases.mail_room import Arrived, MailRoom

router = APIRouter(tags=["mail"])

_MAIL_BODY = {
    "requestBody": {"required": True, "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}}
}


class MailTaken(BaseModel):
    """What an incoming mail was taken for."""

    kind: str = Field(
        description="What the mail is; `unknown` where nobody could read it: it is kept.", examples=["reply"]
    )
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
    filed = await take_mail(behind, await request.body(), door="gateway", envelope_to=x_envelope_to or None)
    return JSONResponse(filed.model_dump(), 202)


async def take_mail(behind: Door, raw: bytes, *, door: str, envelope_to: str | None = None) -> MailTaken:
    """Take a mail in for good, whatever is in it; a store that is away raises, and nothing is acknowledged."""
    room = MailRoom(door=MailDoor(clock=behind.clock, pepper=behind.house.settings.pepper), signer=behind.house.signer)
    filed = await room.take_or_put_aside(behind.store, Arrived(raw=raw, door=door, envelope_to=envelope_to))
    return MailTaken(kind=filed.kind, stored=filed.outcome == "taken")
