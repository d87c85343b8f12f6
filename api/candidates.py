"""Candidates: looking for people, getting to know them, changing what is known."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy import select

from api.answering import answer_once
from api.candidate_shapes import CandidateChange, CandidateCreated, CandidatePage, CandidateRequest, ScoreEntry, Stage
from api.door import Behind, Door
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.paging import After, Limit, cut
from api.problems import documented
from api.shapes import Candidate, Refusal, Word
from rapport.ids import address_key
from rapport.store import candidates, crowds
from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow, ScoreEntryRow
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.cause import Cause
from rapport.usecases.new_person import Granted, NewPerson, add_person
from rapport.usecases.people_list import Sought, found
from rapport.usecases.profile import change_profile
from rapport.usecases.scores import score_of

router = APIRouter(prefix="/v1/candidates", tags=["candidates"])

Known = Annotated[Word, Path(description="The id of a candidate.", examples=["c_5ab7r2k9m3nq8t4w"])]


@router.get("", operation_id="list_candidates", summary="Look for people", responses=documented(401, 404, 422))
async def index(
    behind: Behind,
    _: Caller,
    pool: Annotated[Word | None, Query(description="Only people in this pool or segment.")] = None,
    tag: Annotated[Word | None, Query(description="Only people with this tag.")] = None,
    stage: Annotated[Stage | None, Query(description="Only people in this stage.", examples=["applicant"])] = None,
    owner: Annotated[Word | None, Query(description="Only those of this recruiter, a key of `people`.")] = None,
    name: Annotated[Word | None, Query(description="Only those whose first or last name begins so.")] = None,
    email: Annotated[
        Word | None, Query(description="Only who has this address, as the first or a further one.")
    ] = None,
    after: After = "",
    limit: Limit = 50,
) -> CandidatePage:
    """List people in the order of their ids, page by page; who was erased is not among them."""
    address = address_key(email, behind.house.settings.pepper) if email else None
    sought = Sought(pool=pool, tag=tag, stage=stage, owner=owner, name=name, address=address)
    async with behind.store.read() as tx:
        rows = await found(tx, behind.clock, sought, after=after, limit=limit + 1)
        page, following = cut(rows, limit, lambda row: row.id)
        items = await _shown(tx, behind, page)
    return CandidatePage(items=items, next=following)


@router.post(
    "",
    operation_id="create_candidate",
    summary="Get to know a person",
    status_code=201,
    response_model=CandidateCreated,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def create(asked: CandidateRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Store a person. Without `consent` they are known and get no mail; an address that is known is refused."""
    told = asked.model_dump(mode="json", exclude_unset=True)
    fields = {name: value for name, value in told.items() if name not in ("email", "consent")}
    granted = Granted(**asked.consent.model_dump(exclude_none=True)) if asked.consent else None

    async def act(tx: Tx) -> Answer:
        new = NewPerson(email=asked.email, fields=fields, granted=granted)
        row = await add_person(tx, behind.clock, new, pepper=behind.house.settings.pepper, cause=f"api: {caller}")
        # The answer is kept for repeated calls, longer than the person may want to be known: no more than the id.
        return Answer(201, {"id": row.id})

    return await answer_once(behind, Call(key=key, operation="create_candidate", asked=told), act)


@router.get(
    "/{candidate}", operation_id="get_candidate", summary="Look at one person", responses=documented(401, 404, 422)
)
async def look(candidate: Known, behind: Behind, _: Caller) -> Candidate:
    """Show what is known about a person, and all their enrollments."""
    async with behind.store.read() as tx:
        [person] = await _shown(tx, behind, [await candidates.get(tx, candidate)])
        return person


@router.patch(
    "/{candidate}",
    operation_id="change_candidate",
    summary="Change what is known of a person",
    responses=documented(400, 401, 404, 413, 422, 503),
)
async def change(candidate: Known, asked: CandidateChange, behind: Behind, caller: Caller) -> Candidate:
    """Set the fields that are named; null empties one. Nothing changes about a person who was erased."""
    fields = asked.model_dump(mode="json", exclude_unset=True)
    async with behind.store.write() as tx:
        cause = Cause(text=f"api: {caller}", at=behind.clock.walk_time(candidate), shift=behind.shift(candidate))
        await change_profile(tx, behind.clock, candidate, fields, cause=cause)
        [person] = await _shown(tx, behind, [await candidates.get(tx, candidate)])
        return person


@router.get(
    "/{candidate}/refusals",
    operation_id="list_refusals",
    summary="See why a person was not enrolled",
    responses=documented(401, 404, 422),
)
async def refusals(candidate: Known, behind: Behind, _: Caller) -> list[Refusal]:
    """Show every decision not to enroll this person, oldest first."""
    async with behind.store.read() as tx:
        row = await candidates.get(tx, candidate)
        query = select(RefusalRow).where(RefusalRow.candidate == row.id).order_by(RefusalRow.at, RefusalRow.id)
        return [Refusal.model_validate(refusal) for refusal in await tx.scalars(query)]


@router.get(
    "/{candidate}/scores",
    operation_id="list_scores",
    summary="See where a score comes from",
    responses=documented(401, 404, 422),
)
async def scores(candidate: Known, behind: Behind, _: Caller) -> list[ScoreEntry]:
    """Show every change of the person's score, oldest first."""
    async with behind.store.read() as tx:
        row = await candidates.get(tx, candidate)
        entry = ScoreEntryRow
        query = select(entry).where(entry.candidate == row.id).order_by(entry.at, entry.id)
        return [ScoreEntry.model_validate(each) for each in await tx.scalars(query)]


async def _shown(tx: Tx, behind: Door, rows: Sequence[CandidateRow]) -> list[Candidate]:
    """What the API says of these people, in a few statements for all of them."""
    names = [row.id for row in rows]
    tags, pools = await crowds.tags(tx, names), await crowds.memberships(tx, names)
    addresses, walks = await crowds.further_addresses(tx, names), await crowds.walk_names(tx, names)
    shown = []
    for row in rows:
        at = behind.clock.walk_time(row.id)
        more: dict[str, Any] = {
            "score": await score_of(tx, row, at),
            "tags": list(tags.get(row.id, ())),
            "pools": crowds.pools_at(pools.get(row.id, ()), at),
            "further_addresses": list(addresses.get(row.id, ())),
            "enrollments": list(walks.get(row.id, ())),
        }
        shown.append(Candidate.model_validate(row).model_copy(update=more))
    return shown
