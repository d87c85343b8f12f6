"""Events that people register for: making, changing and calling them off, who registered, who came."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answering import answer_once
from api.door import Behind, Door
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.paging import After, Limit, LongLimit, Page, cut
from api.people import candidate_id
from api.problems import documented
from api.shapes import OnePerson, Request, Text, Word
from rapport.store.database import Tx
from rapport.usecases import fairs
from rapport.usecases.incoming import Taken

router = APIRouter(prefix="/v1/calendar", tags=["calendar"])

EventName = Annotated[Word, Path(description="The id of an event.", examples=["career-fair-2026"])]


class Fair(BaseModel):
    """An event; dates without an offset are in `zone`."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    type: str | None
    title: str | None
    starts_at: str | None
    ends_at: str | None
    zone: str | None
    city: str | None
    cancelled: bool


class FairPage(Page[Fair]):
    """Some events, in the order of their ids."""


class FairChange(Request):
    """What is new about an event; fields that are not named stay as they are."""

    type: Word | None = Field(default=None, examples=["job-fair"])
    title: Text | None = None
    starts_at: Word | None = Field(default=None, examples=["2026-04-01T10:00"])
    ends_at: Word | None = None
    zone: Word | None = Field(default=None, examples=["Europe/Berlin"])
    city: Text | None = None


class FairTold(BaseModel):
    """What came of it."""

    new: bool = Field(description="False when it was known: nothing has changed.")
    deliveries: int = Field(description="How many walks will hear of it.")
    started: list[str] = Field(description="The enrollments that it began.")


class Presence(BaseModel):
    """The last word of one person about an event."""

    model_config = ConfigDict(from_attributes=True)

    candidate: str
    word: Literal["registered_for_event", "attended", "cancelled_registration"]
    at: datetime


class PresencePage(Page[Presence]):
    """Some people, in the order of their ids."""


_tells = partial(router.post, response_model=FairTold, responses=documented(400, 401, 404, 409, 413, 422, 503))


@router.get("", operation_id="list_calendar", summary="List events", responses=documented(401, 422))
async def index(
    behind: Behind,
    _: Caller,
    after: After = "",
    limit: Limit = 50,
) -> FairPage:
    """List events in the order of their ids, page by page."""
    async with behind.store.read() as tx:
        rows = await fairs.events(tx, after=after, limit=limit + 1)
    page, following = cut(rows, limit, lambda row: row.id)
    return FairPage(items=[Fair.model_validate(row) for row in page], next=following)


@_tells("/{event:path}/cancel", operation_id="cancel_calendar_event", summary="Call an event off")
async def cancel(event: EventName, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Call an event off; everybody who is registered hears of it."""

    async def act(tx: Tx) -> Answer:
        return _told(await fairs.cancel_event(tx, behind.clock, event, by=f"api: {caller}"))

    return await answer_once(behind, Call(key=key, operation="cancel_calendar_event", asked={"event": event}), act)


@router.get(
    "/{event:path}/registrations",
    operation_id="list_registrations",
    summary="List who registered and who came",
    responses=documented(401, 404, 422),
)
async def registrations(
    event: EventName,
    behind: Behind,
    _: Caller,
    after: After = "",
    limit: LongLimit = 100,
) -> PresencePage:
    """List the last word of each person about the event, page by page."""
    async with behind.store.read() as tx:
        rows = await fairs.registrations(tx, event, after=after, limit=limit + 1)
    page, following = cut(rows, limit, lambda row: row.candidate)
    return PresencePage(items=[Presence.model_validate(row) for row in page], next=following)


@_tells("/{event:path}/register", operation_id="register_for_event", summary="Register a person")
async def register(event: EventName, asked: OnePerson, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Register a person; sequences that start by it begin."""
    return await _presence(behind, event, asked, key, caller, "registered_for_event")


@_tells("/{event:path}/attend", operation_id="attend_event", summary="Say that a person came")
async def attend(event: EventName, asked: OnePerson, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Note that a person came, registered or not."""
    return await _presence(behind, event, asked, key, caller, "attended")


@_tells("/{event:path}/unregister", operation_id="cancel_registration", summary="Cancel a person's registration")
async def unregister(event: EventName, asked: OnePerson, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Note that a person does not come after all."""
    return await _presence(behind, event, asked, key, caller, "cancelled_registration")


# Behind all others: the id of an event may hold slashes, as those of webinars do, so these two take what is left.
@router.get(
    "/{event:path}", operation_id="get_calendar_event", summary="Look at an event", responses=documented(401, 404, 422)
)
async def look(event: EventName, behind: Behind, _: Caller) -> Fair:
    """Show one event."""
    async with behind.store.read() as tx:
        return Fair.model_validate(await fairs.event_named(tx, event))


@_tells("/{event:path}", operation_id="change_calendar_event", summary="Make an event, or change it")
async def change(event: EventName, asked: FairChange, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Make an event or change it; people who wait for it are planned anew at once."""
    fields = asked.model_dump(exclude_none=True)

    async def act(tx: Tx) -> Answer:
        return _told(await fairs.change_event(tx, behind.clock, event, fields, by=f"api: {caller}"))

    call = Call(key=key, operation="change_calendar_event", asked={"event": event, **fields})
    return await answer_once(behind, call, act)


async def _presence(
    behind: Door, event: str, asked: OnePerson, key: str, caller: str, word: fairs.Word
) -> JSONResponse:
    async def act(tx: Tx) -> Answer:
        person = await candidate_id(tx, behind, asked)
        shift = behind.shift(person)
        return _told(await fairs.note_presence(tx, behind.clock, event, person, word, by=f"api: {caller}", shift=shift))

    told = {"event": event, **asked.model_dump()}
    return await answer_once(behind, Call(key=key, operation=word, asked=told), act)


def _told(taken: Taken | None) -> Answer:
    known = taken or Taken(new=False, id="")
    shown = FairTold(new=known.new, deliveries=known.deliveries, started=list(known.started))
    return Answer(200, shown.model_dump())
