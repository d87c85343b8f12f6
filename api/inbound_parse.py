"""Mails that come back, as a mail provider hands them in that has received them for us."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Annotated, Final, cast

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from api.door import Behind
from api.inbound import MailTaken, take_mail
from api.problems import documented, respond, trouble
from rapport.mail.providers.call import Call, CallRefused, Reason
from rapport.mail.providers.event import ProviderName
from rapport.usecases.provider_events import vouch

router = APIRouter(tags=["mail"])
_LOG = logging.getLogger(__name__)
_FORMS = ("application/json", "multipart/form-data", "application/x-www-form-urlencoded")
_BODY = {"requestBody": {"required": True, "content": {form: {"schema": {}} for form in _FORMS}}}
# Nothing is lost because of a setting that is wrong for an hour: what would make a provider throw a mail away is
# said only of calls that cannot be mended. SendGrid repeats 5xx alone; Postmark stops at 403, Mailgun at 406.
_STATUS: Final[Mapping[str, Mapping[Reason, int]]] = {
    "sendgrid": {"unsigned": 503, "forged": 503, "stale": 503, "unreadable": 400},
    "mailgun": {"unsigned": 401, "forged": 401, "stale": 401, "replayed": 406, "unreadable": 406},
    "postmark": {"unsigned": 401, "forged": 401, "unreadable": 403},
}
_NOT_SET_UP: Final[Mapping[str, int]] = {"sendgrid": 503}  # of any other: 404


@router.post(
    "/inbound/{provider}",
    operation_id="hand_in_parsed_mail",
    summary="Hand in a mail that came back, as its provider",
    response_model=MailTaken,
    responses=documented(400, 401, 403, 404, 406, 413, 503),
    openapi_extra=_BODY,
)
@router.post("/inbound/{provider}/mime", include_in_schema=False)  # so that Mailgun sends the mail raw
async def receive(
    provider: Annotated[str, Path(max_length=20, description="The provider.", examples=["postmark"])],
    request: Request,
    behind: Behind,
) -> JSONResponse:
    """Check the provider's proof, store the mail once, and acknowledge it then. No API key: the proof is one."""
    source = request.app.state.mail_sources.get(provider)
    if source is None:
        detail = "No mail provider of this name hands in mails here. Set its secret: see docs/mail.md."
        return respond(trouble(_NOT_SET_UP.get(provider, 404), detail, kind="not-found"))
    call = Call(headers=request.headers, body=await request.body(), at=behind.clock.now())
    try:
        handed = await asyncio.to_thread(source.read, call)  # a mail of 30 MB takes a moment
        if handed.single_use is not None:
            async with behind.store.write() as tx:
                await vouch(tx, behind.clock, cast("ProviderName", provider), handed.single_use, handed.raw)
    except CallRefused as refusal:
        extra = {"action": "provider_refused", "provider": refusal.provider, "reason": refusal.reason}
        _LOG.warning("Provider refused", extra=extra)
        status = _STATUS[provider].get(refusal.reason, 403)
        return respond(trouble(status, str(refusal), kind="not-believed", reason=refusal.reason))
    filed = await take_mail(behind, handed.raw, door=provider)
    return JSONResponse(filed.model_dump())
