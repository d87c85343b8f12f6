"""Events: whatever another system knows of a person, told once and never lost."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.door import Behind, Door
from api.event_shapes import EventRequest, EventTaken
from api.idempotency import Answer, Call, Key, answered
from api.keys import Caller
from api.people import candidate_id
from api.problems import MEDIA_TYPE, documented
from rapport.dsl.events import PER_PURPOSE
from rapport.errors import BadInput
from rapport.ids import address_key, happening_id
from rapport.store import enrollments
from rapport.store.ahead import Looks
from rapport.store.database import Tx
from rapport.usecases.calendar import DECISIVE
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_tag
from rapport.usecases.consenting import refuse_unknown_purpose
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from rapport.usecases.pools import refuse_segment

router = APIRouter(prefix="/v1/events", tags=["events"])
_FIRST_ERROR = 400
_CLOCKS_DIFFER = timedelta(minutes=5)  # more than clocks that are kept at all


@router.post(
    "",
    operation_id="tell_event",
    summary="Tell what happened",
    status_code=202,
    response_model=EventTaken,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def create(asked: EventRequest, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Store an event. Walks that listen hear of it as soon as they can be reached; sequences that start by it begin."""
    told_as = f"api:{caller}:{asked.id or key}"

    async def act(tx: Tx) -> Answer:
        person = await _person(tx, behind, asked)
        await _check_enrollment(tx, asked, person)
        await _check_purpose(tx, asked)
        taken = await _take(tx, behind, asked, person, told_as, caller)
        shown = EventTaken(id=taken.id, new=taken.new, deliveries=taken.deliveries, started=list(taken.started))
        return Answer(202, shown.model_dump(mode="json"))

    call = Call(key=key, operation="tell_event", asked=asked.model_dump(mode="json"))
    looks = _looks(behind, asked, call, told_as)
    answer = await behind.rounds.join(looks, partial(answered, door=behind, call=call, act=act))
    kind = MEDIA_TYPE if answer.status >= _FIRST_ERROR else None
    return JSONResponse(dict(answer.body), answer.status, media_type=kind)


def _looks(behind: Door, asked: EventRequest, call: Call, told_as: str) -> Looks | None:
    if asked.kind in DECISIVE:  # it concerns everybody who comes, and nobody knows yet who that is
        return None
    return Looks(
        key=call.key,
        operation=call.operation,
        happening=happening_id(told_as),
        candidate=asked.candidate,
        address=address_key(asked.email, behind.house.settings.pepper) if asked.email else None,
    )


async def _person(tx: Tx, behind: Door, asked: EventRequest) -> str | None:
    if asked.email is None:
        return asked.candidate  # whoever acts on it looks the person up
    return await candidate_id(tx, behind, asked)


async def _check_enrollment(tx: Tx, asked: EventRequest, person: str | None) -> None:
    if asked.enrollment is None:
        return
    row = await enrollments.get(tx, asked.enrollment)
    if row.candidate != person:
        raise BadInput(
            place="/enrollment", message="it is the walk of somebody else", hint="Name the person or the walk anew."
        )


async def _check_purpose(tx: Tx, asked: EventRequest) -> None:
    if asked.kind in PER_PURPOSE and (said := asked.detail.get("purpose")) is not None:
        await refuse_unknown_purpose(tx, str(said), place="/detail/purpose")


async def _take(tx: Tx, behind: Door, asked: EventRequest, person: str | None, told_as: str, caller: str) -> Taken:
    at = _at(behind, asked, person)
    detail = _detail(asked)
    shift = 0.0 if person is None else behind.shift(person)
    # Tags and pools are ours: who tells that somebody was tagged wants them to have the tag.
    if person is not None and asked.kind in ("tagged", "added_to_pool", "removed_from_pool"):
        return await _change(tx, behind, asked, person, Cause(text=told_as, at=at, shift=shift))
    return await take_in(
        tx,
        behind.clock,
        Incoming(
            dedupe_key=told_as,
            kind=asked.kind,
            candidate=person,
            at=at,
            enrollment=asked.enrollment,
            step=asked.step,
            link=asked.link,
            detail=detail,
            evidence={"door": "api", "by": f"api: {caller}"},
            shift=shift,
        ),
    )


async def _change(tx: Tx, behind: Door, asked: EventRequest, person: str, cause: Cause) -> Taken:
    if asked.kind == "tagged":
        tag = str(asked.detail["tag"])
        changed = await change_tag(tx, behind.clock, person, how="add", tag=tag, cause=cause)
    else:
        pool = str(asked.detail["pool"])
        await refuse_segment(tx, pool)
        how: Any = "add" if asked.kind == "added_to_pool" else "remove"
        changed = await change_pool(tx, behind.clock, person, how=how, pool=pool, cause=cause)
    return changed or Taken(new=False, id="")


def _at(behind: Door, asked: EventRequest, person: str | None) -> datetime:
    now = behind.clock.now() if person is None else behind.clock.walk_time(person)
    if asked.at is not None and asked.at > now + _CLOCKS_DIFFER:
        raise BadInput(place="/at", message="it lies in the future", hint="Tell events after they happened.")
    return asked.at or now


def _detail(asked: EventRequest) -> dict[str, Any]:
    """What the kind needs; the event that it is about lies flat in it, under the names of its fields."""
    if asked.event is None:
        return dict(asked.detail)
    fields = asked.event.model_dump(exclude_none=True, exclude={"id"})
    return {**asked.detail, **fields, "event": asked.event.id}
