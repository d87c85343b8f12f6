"""Mails that come back: replies, bounces, complaints and absences, as the mail gateway hands them in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.door import Behind
from api.keys import comes_from_here, same_secret
from api.problems import documented
from rapport.mail.inbound import read_inbound
from rapport.usecases.incoming_mail import MailDoor

router = APIRouter(tags=["mail"])

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
    raw = await request.body()
    mail = read_inbound(raw, x_envelope_to or None, behind.house.signer)
    door = MailDoor(clock=behind.clock, pepper=behind.house.settings.pepper)
    async with behind.store.write() as tx:
        taken = await door.take(tx, mail, original=raw)
    return JSONResponse(MailTaken(kind=mail.kind, stored=taken.outcome == "taken").model_dump(), 202)
