"""Events of mail providers: checked on the raw body, stored, and acknowledged at once."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.door import Behind, Door
from api.fault import where
from api.keys import Caller
from api.problems import documented, respond, trouble
from api.set_aside import STORE_IS_AWAY
from rapport.mail.providers.amazon import SnsServers
from rapport.mail.providers.call import Call, CallRefused, Provider, Reading
from rapport.mail.providers.event import ProviderEvent, ProviderName
from rapport.mail.providers.registry import providers_of
from rapport.settings import Settings
from rapport.store import provider_events
from rapport.usecases.provider_events import EventDesk, Outcome, note_failure, take_in_event, vouch

router = APIRouter()
_LOG = logging.getLogger(__name__)
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_STATUS: Mapping[str, int] = {"unsigned": 401, "unreadable": 400}  # any other reason: 403


class EventsTaken(BaseModel):
    """What became of the events of one call."""

    taken: int = Field(default=0, description="Found their mail or their person.", examples=[3])
    repeated: int = Field(default=0, description="Told before; nothing has changed.")
    known: int = Field(default=0, description="Our own link or pixel has seen the same.")
    unmatched: int = Field(default=0, description="Belong to nobody that we know; kept, and listed.")
    noted: int = Field(default=0, description="Kept, and change nothing: types that we do not use or know.")
    not_kept: int = Field(default=0, description="Opens of people who allow no tracking.")
    failed: int = Field(default=0, description="A fault on our side; kept, listed and logged.")
    broken: int = Field(default=0, description="Entries that could not be read.")


class StoredEvent(BaseModel):
    """One event of a provider; it names no person."""

    model_config = ConfigDict(from_attributes=True)

    provider: str = Field(description="Who told it.", examples=["sendgrid"])
    id: str = Field(description="The provider's own id.")
    kind: str = Field(description="What it is to us.", examples=["bounced"])
    word: str = Field(description="What it is to the provider.", examples=["dropped"])
    outcome: str = Field(description="What became of it.", examples=["unmatched"])
    at: datetime = Field(description="When it happened.")
    recorded_at: datetime = Field(description="When we heard of it.")
    send: int | None = Field(description="The mail that it is about.")
    message_id: str | None = Field(description="The Message-ID that it named, where it belongs to nobody.")


class EventCount(BaseModel):
    """How many events of one kind there are."""

    model_config = ConfigDict(from_attributes=True)

    provider: str = Field(description="Who told them.")
    outcome: str = Field(description="What became of them.")
    kind: str = Field(description="What they are to us.")
    word: str = Field(description="What they are to the provider.")
    number: int = Field(description="How many.")


class StoredEvents(BaseModel):
    """The newest events, and how many there are of each kind."""

    items: list[StoredEvent]
    counts: list[EventCount]


def providers_behind(settings: Settings) -> Mapping[ProviderName, Provider]:
    """The providers that the settings hold a secret of; ConfigurationError names one that cannot be read."""
    return providers_of(settings, SnsServers())


@router.post(
    "/provider-events/{provider}",
    tags=["mail"],
    operation_id="tell_provider_events",
    summary="Tell what became of mails, as their provider",
    response_model=EventsTaken,
    responses=documented(400, 401, 403, 404, 413, 503),
    openapi_extra=_BODY,
)
async def receive(
    provider: Annotated[str, Path(max_length=20, description="The provider.", examples=["sendgrid"])],
    request: Request,
    behind: Behind,
) -> JSONResponse:
    """Check the provider's proof on the body as it came, and store each event once. No API key: the proof is one."""
    adapter = request.app.state.providers.get(provider)
    if adapter is None:
        detail = "No mail provider of this name is set up here. Set its secret: see docs/mail.md."
        return respond(trouble(404, detail, kind="not-found"))
    call = Call(headers=request.headers, body=await request.body(), at=behind.clock.now())
    try:
        reading = await adapter.read(call)
        counted = await _take_in(behind, reading, call.body)
    except CallRefused as refusal:
        _LOG.warning("Provider refused", extra={"action": "provider_refused", **_said(refusal)})
        status = _STATUS.get(refusal.reason, 403)
        return respond(trouble(status, str(refusal), kind="not-believed", reason=refusal.reason))
    return JSONResponse(EventsTaken(**counted).model_dump())


@router.get(
    "/v1/provider-events",
    tags=["sends"],
    operation_id="list_provider_events",
    summary="List what mail providers told",
    responses=documented(401, 422),
)
async def index(
    behind: Behind,
    _: Caller,
    outcome: Annotated[Outcome | None, Query(description="`unmatched` lists those that belong to nobody.")] = None,
    provider: Annotated[ProviderName | None, Query(description="Of this provider only.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> StoredEvents:
    """List the newest events, and count all of them; never addresses."""
    async with behind.store.read() as tx:
        rows = await provider_events.page(tx, outcome=outcome, provider=provider, limit=limit)
        counted = await provider_events.counts(tx)
    return StoredEvents(
        items=[StoredEvent.model_validate(row) for row in rows],
        counts=[EventCount.model_validate(row) for row in counted],
    )


async def _take_in(behind: Door, reading: Reading, body: bytes) -> dict[str, int]:
    desk = _desk(behind)
    if reading.single_use is not None and reading.events:
        async with behind.store.write() as tx:
            await vouch(tx, desk.clock, reading.events[0].provider, reading.single_use, body)
    outcomes = Counter([await _one(behind, desk, event) for event in reading.events])
    if reading.broken:
        _LOG.warning("Entries not read", extra={"action": "provider_entries_broken", "number": reading.broken})
    return {**{str(outcome): number for outcome, number in outcomes.items()}, "broken": reading.broken}


async def _one(behind: Door, desk: EventDesk, event: ProviderEvent) -> Outcome:
    """Each event for itself: one that we cannot take in takes no other with it."""
    try:
        async with behind.store.write() as tx:
            return await take_in_event(tx, desk, event)
    except STORE_IS_AWAY:
        raise  # the provider repeats the call; what is stored by then counts once
    except Exception as fault:  # noqa: BLE001  # it would be the same the next time, and the others must go on
        _LOG.error("Event failed", extra={"action": "provider_event_failed", "id": event.id, "fault": where(fault)})
        async with behind.store.write() as tx:
            await note_failure(tx, desk, event)
        return "failed"


def _desk(behind: Door) -> EventDesk:
    settings = behind.house.settings
    return EventDesk(
        clock=behind.clock,
        signer=behind.house.signer,
        pepper=settings.pepper,
        public_url=settings.public_url.rstrip("/"),
        settle=timedelta(seconds=settings.click_settle),
    )


def _said(refusal: CallRefused) -> Mapping[str, Any]:
    return {"provider": refusal.provider, "reason": refusal.reason}
