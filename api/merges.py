"""Merges: two records that are one person."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answering import answer_once
from api.candidates import Known
from api.door import Behind
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.people import candidate_id
from api.problems import documented
from api.shapes import OnePerson
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.usecases.cause import Cause
from rapport.usecases.merge import merge_people

router = APIRouter(prefix="/v1/candidates/{candidate}/merge", tags=["candidates"])


class MergeRequest(OnePerson):
    """Whose record becomes a part of the one in the path."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"candidate": "c_7qk2m9x4t8w3n5ab"}]})


class Merged(BaseModel):
    """The two are one person."""

    candidate: str = Field(description="The id that they have now; the other one leads to it.")


@router.post(
    "",
    operation_id="merge_candidates",
    summary="Make two records of one person one",
    response_model=Merged,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def merge(candidate: Known, asked: MergeRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Make somebody a part of this person: history, tags, pools, consents and walks come along, for good.

    What this person says stands, and the other one fills the gaps. A withdrawal or an unsubscription of either holds
    for both.
    """

    async def act(tx: Tx) -> Answer:
        kept, gone = (await candidates.get(tx, candidate)).id, await candidate_id(tx, behind, asked)
        cause = Cause(text=f"api: {caller}", at=behind.clock.walk_time(kept), shift=behind.shift(kept))
        await merge_people(tx, behind.clock, kept=kept, gone=gone, cause=cause)
        return Answer(200, {"candidate": kept})

    told = {"candidate": candidate, **asked.model_dump()}
    return await answer_once(behind, Call(key=key, operation="merge_candidates", asked=told), act)
