"""Holds: walks that stand still at a step, and what a person may decide about them."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.door import Behind
from api.enrollments import COMMAND_ACCEPTED, ONE, Candidate, Number, Sequence, command
from api.idempotency import Key
from api.keys import Caller
from api.paging import After, Limit, cut
from api.problems import documented
from api.shapes import CommandTaken, Hold, HoldPage
from rapport.ids import enrollment_id
from rapport.usecases.holds import held

router = APIRouter(prefix="/v1", tags=["enrollments"])


@router.get("/holds", operation_id="list_holds", summary="List walks that stand still", responses=documented(401, 422))
async def index(
    behind: Behind,
    _: Caller,
    after: After = "",
    limit: Limit = 50,
) -> HoldPage:
    """List the walks that wait until a person says retry or skip, in the order of their ids, page by page."""
    async with behind.store.read() as tx:
        found = await held(tx, after=after, limit=limit + 1)
    page, following = cut(found, limit, lambda one: one.enrollment)
    return HoldPage(items=[Hold.model_validate(one) for one in page], next=following)


@router.post(
    f"/enrollments{ONE}/retry",
    operation_id="retry_enrollment",
    summary="Let a held walk try again",
    response_model=CommandTaken,
    responses={**COMMAND_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def retry(
    sequence: Sequence, candidate: Candidate, n: Number, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """Try the step again at which a walk is held."""
    return await command(behind, "retry", enrollment_id(sequence, candidate, n), key, caller)


@router.post(
    f"/enrollments{ONE}/skip",
    operation_id="skip_step",
    summary="Let a held walk leave the step out",
    response_model=CommandTaken,
    responses={**COMMAND_ACCEPTED, **documented(400, 401, 404, 409, 422, 503)},
)
async def skip(
    sequence: Sequence, candidate: Candidate, n: Number, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """Leave the step out at which a walk is held, and go on behind it."""
    return await command(behind, "skip", enrollment_id(sequence, candidate, n), key, caller)
