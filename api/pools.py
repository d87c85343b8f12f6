"""Pools and segments: how many are in them, who, and putting people in or taking them out."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answering import answer_once
from api.door import Behind, Door
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.paging import After, LongLimit, Page, cut
from api.people import candidate_id
from api.problems import documented
from api.shapes import OnePerson, Word
from rapport.store.database import Tx
from rapport.usecases import pools

router = APIRouter(prefix="/v1/pools", tags=["pools"])

PoolName = Annotated[Word, Path(description="The name of a pool in project.yaml.", examples=["engineering"])]


class PoolShown(BaseModel):
    """A pool or segment."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["engineering"])
    title: str
    segment: bool = Field(description="Whether people belong to it by themselves.")
    members: int
    counting: bool = Field(description="Whether a segment that was published anew is still being counted.")


class Member(BaseModel):
    """Somebody in a pool."""

    model_config = ConfigDict(from_attributes=True)

    candidate: str
    at: datetime = Field(description="Since when.")
    cause: str = Field(description="By what they came to be in it.")
    expires_at: datetime | None


class MemberPage(Page[Member]):
    """Some members, and where the next page begins."""


class PoolChanged(BaseModel):
    """What came of it."""

    changed: bool = Field(description="Whether they were not in it before, or were.")
    started: list[str] = Field(description="The enrollments that begin by it.")


class PoolPerson(OnePerson):
    """Somebody, and why."""

    cause: Word | None = Field(default=None, description="Why, for the timeline; else the name of your API key.")


@router.get("", operation_id="list_pools", summary="List pools and segments", responses=documented(401, 404))
async def index(behind: Behind, _: Caller) -> list[PoolShown]:
    """List every pool and segment of project.yaml with the number of its members."""
    async with behind.store.read() as tx:
        return [PoolShown.model_validate(pool) for pool in await pools.all_pools(tx, behind.clock)]


@router.get("/{pool}", operation_id="get_pool", summary="Look at a pool", responses=documented(401, 404, 422))
async def look(pool: PoolName, behind: Behind, _: Caller) -> PoolShown:
    """Show one pool or segment."""
    async with behind.store.read() as tx:
        return PoolShown.model_validate(await pools.one_pool(tx, behind.clock, pool))


@router.get(
    "/{pool}/members", operation_id="list_members", summary="List who is in a pool", responses=documented(401, 404, 422)
)
async def members(
    pool: PoolName,
    behind: Behind,
    _: Caller,
    after: After = "",
    limit: LongLimit = 100,
) -> MemberPage:
    """List the members of a pool or segment in the order of their ids, page by page."""
    async with behind.store.read() as tx:
        rows = await pools.members(tx, behind.clock, pool, after=after, limit=limit + 1)
    page, following = cut(rows, limit, lambda row: row.candidate)
    return MemberPage(items=[Member.model_validate(row) for row in page], next=following)


@router.post(
    "/{pool}/members",
    operation_id="add_to_pool",
    summary="Put a person into a pool",
    response_model=PoolChanged,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def add(pool: PoolName, asked: PoolPerson, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Put a person into a pool; sequences that start by it begin. A segment is refused: people join by themselves."""
    return await _change(behind, pool, asked, key, caller, "add")


@router.post(
    "/{pool}/members/remove",
    operation_id="remove_from_pool",
    summary="Take a person out of a pool",
    response_model=PoolChanged,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def remove(pool: PoolName, asked: PoolPerson, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Take a person out of a pool. A segment is refused."""
    return await _change(behind, pool, asked, key, caller, "remove")


async def _change(
    behind: Door, pool: str, asked: PoolPerson, key: Key, caller: Caller, how: Literal["add", "remove"]
) -> JSONResponse:
    async def act(tx: Tx) -> Answer:
        person = await candidate_id(tx, behind, asked)
        cause = asked.cause or f"api: {caller}"
        taken = await pools.put(tx, behind.clock, pool, person, how=how, cause=cause)
        shown = PoolChanged(changed=taken is not None, started=list(taken.started) if taken else [])
        return Answer(200, shown.model_dump(mode="json"))

    told = {"pool": pool, **asked.model_dump(mode="json")}
    return await answer_once(behind, Call(key=key, operation=f"pool_{how}", asked=told), act)
