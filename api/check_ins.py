"""Check-in lists: who came to an event, all at once, as another system has kept it at the door."""

import io
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.calendar_events import EventName
from api.door import Behind
from api.idempotency import Call, Key
from api.keys import Caller
from api.lists import MOST_SHOWN, RowReason, answer_list, digest, list_in, reasons
from api.problems import documented
from rapport.usecases.check_in import CheckIn, check_in

router = APIRouter(prefix="/v1/calendar", tags=["calendar"])
_OPERATION = "check_in"
_EXAMPLE = "email,first_name\nada@people.example,Ada\n"
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The list, with a column `email` or `id`, of up to 1 MB: some 10,000 people.",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class CheckInOutcome(BaseModel):
    """What became of a check-in list, or would become of it; rows that are refused are not noted."""

    dry_run: bool
    came: int = Field(description="Who came and was not noted before.")
    known: int = Field(description="Who was noted before as having come.")
    added: int = Field(description="Strangers who are known now.")
    started: int = Field(description="How many walks began.")
    refused_rows: int
    refused: list[RowReason] = Field(description=f"The first {MOST_SHOWN} of them.")


@router.post(
    "/{event:path}/check-in",
    operation_id=_OPERATION,
    summary="Hand in the list of who came",
    response_model=CheckInOutcome,
    responses=documented(400, 401, 404, 409, 413, 415, 422, 503),
    openapi_extra=_BODY,
)
async def create(
    event: EventName,
    request: Request,
    key: Key,
    behind: Behind,
    caller: Caller,
    *,
    add: Annotated[bool, Query(description="Get to know strangers, with the source `event:EVENT`; no mail.")] = False,
    dry_run: Annotated[bool, Query(description="Only say what would come of it.")] = False,
) -> JSONResponse:
    """Note everybody on a CSV list as having come, as `rapport events check-in` does; answered when all rows are in.

    A call that was not answered is repeated with the same key: who is noted stays noted, and nobody is noted twice.
    """
    raw = await list_in(request)
    by, pepper = f"api: {caller}", behind.house.settings.pepper
    asked = CheckIn(event=event, by=by, add=add, dry_run=dry_run, pepper=pepper)

    async def act() -> CheckInOutcome:
        report = await check_in(behind.store, behind.clock, io.BytesIO(raw), asked)
        return CheckInOutcome(
            dry_run=dry_run,
            came=report.came,
            known=report.known,
            added=report.added,
            started=report.started,
            refused_rows=len(report.problems),
            refused=reasons(report.problems),
        )

    call = Call(key=key, operation=_OPERATION, asked={"event": event, "add": add, "list": digest(raw)})
    return await answer_list(behind, call, act, dry_run=dry_run)
