"""Enrollments: begin one, list them, look at one, and tell its walk to stop, pause or go on."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.door import Behind, Door, Walks
from api.idempotency import Answer, Call, Key, once
from api.keys import Caller
from api.paging import After, Limit, cut
from api.people import candidate_id
from api.problems import MEDIA_TYPE, documented
from api.shapes import (
    CommandTaken,
    Enrollment,
    EnrollmentDetail,
    EnrollmentPage,
    EnrollRequest,
    TimelineEntry,
    Word,
)
from api.told import has_heard
from rapport.ids import enrollment_id
from rapport.store import enrollments
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases import commands
from rapport.usecases.enroll import enroll
from rapport.usecases.timeline import timeline

router = APIRouter(prefix="/v1/enrollments", tags=["enrollments"])
_LOG = logging.getLogger(__name__)
_ASK_TEMPORAL = timedelta(seconds=1)  # a page that shows the stored half at once is better than one that waits
_FIRST_ERROR = 400

Sequence = Annotated[Word, Path(description="The sequence's name.", examples=["welcome-engineering"])]
Candidate = Annotated[Word, Path(description="The candidate's id.", examples=["c_5ab7r2k9m3nq8t4w"])]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Which enrollment of this person in this sequence.")]
ONE = "/{sequence}/{candidate}/{n}"
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": Enrollment, "description": "Stored; the walk has not confirmed within two seconds, and will."}
}
COMMAND_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": CommandTaken, "description": "Stored; the walk has not confirmed within two seconds, and will."}
}


@router.post(
    "",
    operation_id="enroll",
    summary="Begin a sequence for a person",
    status_code=201,
    response_model=Enrollment,
    responses={**_ACCEPTED, **documented(400, 401, 404, 409, 413, 422, 503)},
)
async def create(asked: EnrollRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Enroll a person. Whoever must not enter is refused (409) with a stable `reason`, and the refusal is kept."""

    async def act(tx: Tx) -> Answer:
        person = await candidate_id(tx, behind, asked)
        enrolled = await enroll(
            tx,
            behind.clock,
            sequence=asked.sequence,
            candidate=person,
            at=behind.clock.walk_time(person),
            cause=f"api: {caller}",
            event=asked.event,
            application=asked.application,
            shift=behind.shift(person),
            again=asked.again,
        )
        return Answer(201, as_json(show(await enrollments.get(tx, enrolled.id))))

    call = Call(key=key, operation="enroll", asked=asked.model_dump(mode="json"))
    answer = await once(behind, call, act)
    return await confirmed(behind, answer, answer.body.get("id"))


@router.get(
    "",
    operation_id="list_enrollments",
    summary="List enrollments",
    responses=documented(401, 422),
)
async def index(
    behind: Behind,
    _: Caller,
    sequence: Annotated[Word | None, Query(description="Only of this sequence.")] = None,
    candidate: Annotated[Word | None, Query(description="Only of this candidate.")] = None,
    state: Annotated[enrollments.WalkState | None, Query(description="Only in this state.")] = None,
    after: After = "",
    limit: Limit = 50,
) -> EnrollmentPage:
    """List enrollments in the order of their ids, page by page."""
    async with behind.store.read() as tx:
        rows = await enrollments.page(
            tx, sequence=sequence, candidate=candidate, state=state, after=after, limit=limit + 1
        )
    page, following = cut(rows, limit, lambda row: row.id)
    return EnrollmentPage(items=[show(row) for row in page], next=following)


@router.get(
    ONE,
    operation_id="get_enrollment",
    summary="Look at one enrollment",
    responses=documented(401, 404, 422),
)
async def look(sequence: Sequence, candidate: Candidate, n: Number, behind: Behind, _: Caller) -> EnrollmentDetail:
    """Show one enrollment with its timeline and, when Temporal answers within a second, where the walk is now."""
    enrollment = enrollment_id(sequence, candidate, n)
    async with behind.store.read() as tx:
        row = await enrollments.get(tx, enrollment)
        entries = [TimelineEntry.model_validate(entry) for entry in await timeline(tx, enrollment)]
    walks = behind.walks if row.state != enrollments.ENDED else None
    position = await _position(walks, enrollment) if walks is not None else None
    return EnrollmentDetail(**show(row).model_dump(), timeline=entries, position=position)


@router.post(
    ONE + "/cancel",
    operation_id="cancel_enrollment",
    summary="End a walk",
    response_model=CommandTaken,
    responses={**COMMAND_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def cancel(
    sequence: Sequence, candidate: Candidate, n: Number, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """End a walk at once; mails that are on their way cannot be called back."""
    return await command(behind, "cancel", enrollment_id(sequence, candidate, n), key, caller)


@router.post(
    ONE + "/pause",
    operation_id="pause_enrollment",
    summary="Let a walk stand still",
    response_model=CommandTaken,
    responses={**COMMAND_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def pause(
    sequence: Sequence, candidate: Candidate, n: Number, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """Let a walk stand still until it is resumed; exits and unsubscribing still end it."""
    return await command(behind, "pause", enrollment_id(sequence, candidate, n), key, caller)


@router.post(
    ONE + "/resume",
    operation_id="resume_enrollment",
    summary="Let a paused walk go on",
    response_model=CommandTaken,
    responses={**COMMAND_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def resume(
    sequence: Sequence, candidate: Candidate, n: Number, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """Let a paused walk go on from where it stands."""
    return await command(behind, "resume", enrollment_id(sequence, candidate, n), key, caller)


async def command(behind: Door, kind: commands.Command, enrollment: str, key: str, caller: str) -> JSONResponse:
    """Store a command of a caller and answer it: 200 when the walk has heard, 202 when it will."""

    async def act(tx: Tx) -> Answer:
        row = await commands.tell(tx, behind.clock, enrollment, kind, by=caller)
        return Answer(200, as_json(CommandTaken(enrollment=enrollment, command=kind, state=row.state)))

    call = Call(key=key, operation=kind, asked={"enrollment": enrollment})
    return await confirmed(behind, await once(behind, call, act), enrollment)


async def confirmed(behind: Door, answer: Answer, enrollment: str | None) -> JSONResponse:
    """The stored answer; 202 while the walk has not heard of it, if there is one that must."""
    if answer.status >= _FIRST_ERROR:
        return JSONResponse(dict(answer.body), answer.status, media_type=MEDIA_TYPE)
    heard = enrollment is None or await has_heard(behind.store, enrollment)
    return JSONResponse(dict(answer.body), answer.status if heard else 202)


async def _position(walks: Walks, enrollment: str) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(_ASK_TEMPORAL.total_seconds()):
            return dict(await walks.position(enrollment))
    except Exception as fault:  # noqa: BLE001  # Temporal is a guest on this page: without it, the rest is shown
        _LOG.info("No live position", extra={"action": "position_missing", "fault": type(fault).__name__})
        return None


def show(row: EnrollmentRow) -> Enrollment:
    """An enrollment as the API shows it."""
    fields: Mapping[str, Any] = {name: getattr(row, name) for name in Enrollment.model_fields if name != "end"}
    return Enrollment(**fields, end=row.end_name)


def as_json(shape: BaseModel) -> dict[str, Any]:
    """The plain JSON of an answer, to store beside its key."""
    return shape.model_dump(mode="json")
