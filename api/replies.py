"""Replies: what people answered to our mails."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.door import Behind
from api.keys import Caller
from api.problems import documented
from api.shapes import Word
from rapport.usecases.replies import replies

router = APIRouter(prefix="/v1/replies", tags=["replies"])


class Reply(BaseModel):
    """One answer of a person, without what it quotes."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["h_4n2k7q9w3e5r8t6y1u0i2o4p"])
    at: datetime = Field(description="Walk time at which it came.")
    candidate: str | None = Field(examples=["c_5ab7r2k9m3nq8t4w"])
    enrollment: str | None = Field(examples=["welcome-engineering/c_5ab7r2k9m3nq8t4w/1"])
    step: str | None = Field(description="The step of the mail that it answers.")
    sure: bool = Field(description="False where only address and subject tell which mail it answers: no walk heard it.")
    subject: str
    text: str = Field(description="What the person wrote anew; empty after erasure.")
    asks_for_less: bool = Field(description="Whether it asks for fewer mails or none, among other things.")
    recruiter: str | None = Field(description="The key of the colleague whom it was sent on to.")
    forwarded: Literal["waiting", "sent", "failed"] | None = Field(description="Whether it has been sent on.")
    forwarded_at: datetime | None


class ReplyPage(BaseModel):
    """Some replies, the newest first."""

    items: list[Reply]
    next: str | None = Field(description="Hand this in as `before` for the next page; null on the last one.")


@router.get("", operation_id="list_replies", summary="List what people answered", responses=documented(400, 401, 422))
async def index(
    behind: Behind,
    _: Caller,
    candidate: Annotated[Word | None, Query(description="Only of this candidate.")] = None,
    enrollment: Annotated[str | None, Query(max_length=500, description="Only to mails of this enrollment.")] = None,
    before: Annotated[str, Query(max_length=500, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> ReplyPage:
    """List replies with their texts, the newest first, page by page."""
    async with behind.store.read() as tx:
        found = await replies(tx, candidate=candidate, enrollment=enrollment, before=before, limit=limit + 1)
    items = [Reply.model_validate(one) for one in found[:limit]]
    return ReplyPage(items=items, next=found[limit - 1].mark if len(found) > limit else None)
