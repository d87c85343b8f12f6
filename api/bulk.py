"""Bulk enrollments: many people into one sequence, paced, begun once however often the call is repeated."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, model_validator

from api.door import Behind, Door
from api.idempotency import Answer, Call, Key, once
from api.keys import Caller
from api.problems import MEDIA_TYPE, documented
from api.shapes import Request, Word
from rapport.store.database import Tx
from rapport.store.tables.bulk import BulkRow
from rapport.usecases import bulk
from rapport.usecases.bulk_list import PeopleList, forecast, of_ids, of_pool
from rapport.usecases.crowd import Wish

router = APIRouter(prefix="/v1/bulk-enrollments", tags=["enrollments"])
_FIRST_ERROR = 400
_MOST_NAMED = 20_000  # ids of this many people fill a body of half a megabyte; more people make a pool

Bulk = Annotated[Word, Path(description="The id of the bulk enrollment.", examples=["b_5ab7r2k9m3nq8t4w"])]


class BulkRequest(Request):
    """Who is to enter which sequence."""

    sequence: Word = Field(description="The name of a published sequence.", examples=["welcome-engineering"])
    pool: Word | None = Field(default=None, description="Everybody in this pool or segment.", examples=["engineering"])
    candidates: list[Word] | None = Field(
        default=None, min_length=1, max_length=_MOST_NAMED, description="Or these candidates, by id."
    )
    per_minute: int = Field(
        default=bulk.DEFAULT_PER_MINUTE,
        ge=1,
        le=bulk.MOST_PER_MINUTE,
        description="How many people have their turn in a minute.",
    )
    event: Word | None = Field(default=None, description="The id of the event that the walks are about.")
    again: bool = Field(
        default=False, description="Pass over `once`, `once_per` and `again_after`; never over a walk under way."
    )
    dry_run: bool = Field(default=False, description="Only say what would come of it.")

    @model_validator(mode="after")
    def _named_once(self) -> "BulkRequest":
        if (self.pool is None) == (self.candidates is None):
            message = "name the people by `pool` or by `candidates`, and not by both"
            raise ValueError(message)
        return self


class BulkEnrollment(BaseModel):
    """How far a bulk enrollment has come."""

    id: str
    sequence: str
    source: str = Field(examples=["pool engineering"])
    state: Literal["starting", "running", "cancelling", "ended"]
    end: Literal["done", "cancelled"] | None
    per_minute: int
    total: int = Field(description="How many people are on the list.")
    had_turn: int = Field(description="How many of them had their turn.")
    entered: int
    refused: int
    reasons: dict[str, int] = Field(description="How many people were refused for which reason.")
    cause: str
    created_at: datetime
    ended_at: datetime | None


class BulkForecast(BaseModel):
    """What would come of it now; nothing was changed."""

    would_enter: int
    refused: dict[str, int] = Field(description="How many people would be refused for which reason.")
    sample: list[str] = Field(description="Some who would enter.")


@router.post(
    "",
    operation_id="begin_bulk_enrollment",
    summary="Begin a sequence for many people",
    status_code=202,
    response_model=BulkEnrollment,
    responses={
        200: {"model": BulkForecast, "description": "The answer to a dry run."},
        **documented(400, 401, 404, 409, 413, 422, 503),
    },
)
async def create(asked: BulkRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Store the list; a worker lets people in at the pace asked for. The same wish finds the one that is under way."""
    wish = Wish(sequence=asked.sequence, event=asked.event, again=asked.again)
    if asked.dry_run:
        async with behind.store.read() as tx:
            people = await _people(tx, behind, asked)
        found = await forecast(behind.store, behind.clock, wish, people.names)
        shown = BulkForecast(would_enter=found.would_enter, refused=dict(found.refused), sample=list(found.sample))
        return JSONResponse(shown.model_dump(mode="json"))

    async def act(tx: Tx) -> Answer:
        people = await _people(tx, behind, asked)
        begun = await bulk.begin(
            tx,
            behind.clock,
            bulk.Asked(
                wish=wish,
                source=people.source,
                key=people.key,
                names=people.names,
                per_minute=asked.per_minute,
                cause=f"api: {caller}",
            ),
        )
        return Answer(202, _json(*await bulk.look(tx, begun.id)))

    return await _once(behind, Call(key=key, operation="bulk", asked=asked.model_dump(mode="json")), act)


@router.get(
    "/{bulk_id}",
    operation_id="get_bulk_enrollment",
    summary="Look at a bulk enrollment",
    responses=documented(401, 404, 422),
)
async def look(bulk_id: Bulk, behind: Behind, _: Caller) -> BulkEnrollment:
    """Show how far it has come, and why people were refused."""
    async with behind.store.read() as tx:
        return _show(*await bulk.look(tx, bulk_id))


@router.post(
    "/{bulk_id}/cancel",
    operation_id="cancel_bulk_enrollment",
    summary="Let nobody else in",
    status_code=202,
    response_model=BulkEnrollment,
    responses=documented(400, 401, 404, 409, 422, 503),
)
async def cancel(bulk_id: Bulk, key: Key, behind: Behind, _: Caller) -> JSONResponse:
    """Let nobody else in; those who are in go on with their walks."""

    async def act(tx: Tx) -> Answer:
        await bulk.cancel(tx, bulk_id)
        return Answer(202, _json(*await bulk.look(tx, bulk_id)))

    return await _once(behind, Call(key=key, operation="cancel_bulk", asked={"bulk": bulk_id}), act)


async def _people(tx: Tx, behind: Door, asked: BulkRequest) -> PeopleList:
    if asked.pool is not None:
        return await of_pool(tx, behind.clock, asked.pool)
    return of_ids(asked.candidates or ())


async def _once(behind: Door, call: Call, act: Any) -> JSONResponse:
    answer = await once(behind, call, act)
    kind = MEDIA_TYPE if answer.status >= _FIRST_ERROR else None
    return JSONResponse(dict(answer.body), answer.status, media_type=kind)


def _show(row: BulkRow, reasons: Mapping[str, int]) -> BulkEnrollment:
    same: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("id", "sequence", "source", "state", "end", "per_minute", "total", "entered", "refused")
    }
    return BulkEnrollment(
        **same,
        had_turn=row.cursor,
        reasons=dict(reasons),
        cause=row.cause,
        created_at=row.recorded_at,
        ended_at=row.ended_at,
    )


def _json(row: BulkRow, reasons: Mapping[str, int]) -> dict[str, Any]:
    return _show(row, reasons).model_dump(mode="json")
