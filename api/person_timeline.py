"""Everything that happened with one candidate."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.candidates import Known
from api.door import Behind
from api.keys import Caller
from api.paging import After, LongLimit, Page, cut
from api.problems import documented
from rapport.usecases.person_timeline import person_timeline

router = APIRouter(prefix="/v1/candidates", tags=["candidates"])


class TimelineLine(BaseModel):
    """One line of what happened with a person."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="Walk time.")
    kind: str = Field(
        description="person, merge, consent, walk, event, score, mail, task, conversation or refusal.",
        examples=["mail"],
    )
    text: str = Field(examples=["mail welcome: accepted"])
    enrollment: str | None = Field(description="The walk that it belongs to, if it belongs to one.")


class TimelinePage(Page[TimelineLine]):
    """Some lines, the oldest first."""


@router.get(
    "/{candidate}/timeline",
    operation_id="get_timeline",
    summary="See everything that happened with a person",
    responses=documented(401, 404, 422),
)
async def timeline(
    candidate: Known,
    behind: Behind,
    _: Caller,
    after: After = "",
    limit: LongLimit = 100,
) -> TimelinePage:
    """Show mails, events, consent, scores, walks, tasks and conversations, oldest first, page by page."""
    async with behind.store.read() as tx:
        lines = await person_timeline(tx, candidate, after=after, limit=limit + 1)
    page, following = cut(lines, limit, lambda line: line.mark)
    return TimelinePage(items=[TimelineLine.model_validate(line) for line in page], next=following)
