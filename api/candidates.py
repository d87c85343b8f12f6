"""Candidates: what is known about one."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import select

from api.door import Behind
from api.keys import Caller
from api.problems import documented
from api.shapes import Candidate, Refusal, Word
from rapport.store import candidates
from rapport.store.tables.walks import EnrollmentRow, RefusalRow

router = APIRouter(prefix="/v1/candidates", tags=["candidates"])


@router.get(
    "/{candidate}", operation_id="get_candidate", summary="Look at one person", responses=documented(401, 404, 422)
)
async def look(
    candidate: Annotated[Word, Path(examples=["c_5ab7r2k9m3nq8t4w"])], behind: Behind, _: Caller
) -> Candidate:
    """Show what is known about a person, and all their enrollments."""
    async with behind.store.read() as tx:
        row = await candidates.get(tx, candidate)
        shown = Candidate.model_validate(row)
        query = select(EnrollmentRow.id).where(EnrollmentRow.candidate == row.id).order_by(EnrollmentRow.id)
        more = {
            "tags": list(await candidates.tags_of(tx, row.id)),
            "pools": list(await candidates.pools_of(tx, row.id, behind.clock.walk_time(row.id))),
            "enrollments": list((await tx.scalars(query)).all()),
        }
    return shown.model_copy(update=more)


@router.get(
    "/{candidate}/refusals",
    operation_id="list_refusals",
    summary="See why a person was not enrolled",
    responses=documented(401, 404, 422),
)
async def refusals(
    candidate: Annotated[Word, Path(examples=["c_5ab7r2k9m3nq8t4w"])], behind: Behind, _: Caller
) -> list[Refusal]:
    """Show every decision not to enroll this person, oldest first."""
    async with behind.store.read() as tx:
        row = await candidates.get(tx, candidate)
        query = select(RefusalRow).where(RefusalRow.candidate == row.id).order_by(RefusalRow.at, RefusalRow.id)
        return [Refusal.model_validate(refusal) for refusal in await tx.scalars(query)]
