"""Conversations with a candidate: a note, and a follow-up that was promised."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answering import answer_once
from api.candidates import Known
from api.door import Behind
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.problems import documented
from api.shapes import Day, Request, Text, Word
from rapport.store.database import Tx
from rapport.usecases.conversations import Talk, note_talk

router = APIRouter(prefix="/v1/candidates/{candidate}/conversations", tags=["candidates"])


class ConversationRequest(Request):
    """What was said, and what was promised."""

    recruiter: Word = Field(description="A key of `people`.", examples=["anna-koch"])
    note: Text = Field(min_length=1, description="Stays in the store, and goes with the person.")
    event: Word | None = Field(default=None, description="The event at which they talked.")
    follow_up: Word | None = Field(default=None, description="What was promised: it becomes a task.")
    due_on: Day | None = Field(default=None, description="By when, a day in the organization's time zone.")


class Conversation(BaseModel):
    """A conversation that is kept; its note is in the timeline."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    candidate: str
    recruiter: str
    at: datetime
    event: str | None
    task: str | None = Field(description="The task that was promised.")


@router.post(
    "",
    operation_id="note_conversation",
    summary="Keep what was said and promised",
    status_code=201,
    response_model=Conversation,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def create(
    candidate: Known, asked: ConversationRequest, key: Key, behind: Behind, caller: Caller
) -> JSONResponse:
    """Keep a note of a conversation; a promised follow-up becomes a task of the recruiter."""

    async def act(tx: Tx) -> Answer:
        talk = Talk(
            key=f"api:{caller}:{key}",
            candidate=candidate,
            recruiter=asked.recruiter,
            note=asked.note,
            event=asked.event,
            promise=asked.follow_up,
            due_on=asked.due_on,
        )
        row = await note_talk(tx, behind.clock, talk)
        return Answer(201, Conversation.model_validate(row).model_dump(mode="json"))

    told = {"candidate": candidate, **asked.model_dump(mode="json")}
    return await answer_once(behind, Call(key=key, operation="note_conversation", asked=told), act)
