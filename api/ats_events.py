"""Webhooks of applicant tracking systems: checked on the raw body, stored, and acknowledged only then."""

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.door import Behind
from api.problems import documented, respond, trouble
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused
from rapport.ports import AtsVendor, AtsVendors
from rapport.usecases.ats_errands import keep_hints

router = APIRouter()
_LOG = logging.getLogger(__name__)
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


class _NoVendors:
    """An installation without any ATS."""

    async def of(self, connection: str) -> AtsVendor:
        """There is none."""
        raise NotFound(kind="ATS connection", name=connection, hint="Add it below ats: in project.yaml.")


_NONE = _NoVendors()


class HintsTaken(BaseModel):
    """What became of a delivery."""

    taken: int = Field(description="How many hints are new; what they name is read again in a moment.", examples=[1])


@router.post(
    "/ats-events/{connection}",
    tags=["events"],
    operation_id="tell_ats_events",
    summary="Tell what changed, as an applicant tracking system",
    response_model=HintsTaken,
    responses=documented(400, 401, 404, 413, 503),
    openapi_extra=_BODY,
)
async def receive(
    connection: Annotated[str, Path(max_length=64, description="Its key below `ats:`.", examples=["main"])],
    request: Request,
    behind: Behind,
) -> JSONResponse:
    """Check the signature on the body as it came, and store what is claimed. No API key: the signature is one."""
    vendors: AtsVendors = request.app.state.vendors or _NONE
    try:
        vendor = await vendors.of(connection)
        hints = vendor.hints(dict(request.headers), await request.body())
    except NotFound:
        return respond(trouble(404, "No ATS of this name is connected here.", kind="not-found"))
    except ConfigurationError as error:
        # Who calls learns nothing of our settings; the log says which one is missing.
        _LOG.warning("ATS not set up: %s", error, extra={"action": "ats_not_set_up", "connection": connection})
        return respond(trouble(503, "This connection is not set up.", kind="not-configured"))
    except Refused as refusal:
        extra = {"action": "ats_refused", "connection": connection, "reason": refusal.reason}
        _LOG.warning("ATS refused", extra=extra)
        return respond(trouble(401, "This call is not signed as it should be.", kind="not-believed"))
    except BadInput:
        return respond(trouble(400, "The body cannot be read.", kind="unreadable"))
    async with behind.store.write() as tx:
        taken = await keep_hints(tx, connection, hints, now=behind.clock.now())
    return JSONResponse(HintsTaken(taken=taken).model_dump())
