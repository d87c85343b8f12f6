"""Fairs, webinars, hackathons: making and changing them, who is registered, who came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import select

from rapport.clock import Clock
from rapport.errors import BadInput, NotFound, Refused
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in

Word: TypeAlias = Literal["registered_for_event", "attended", "cancelled_registration"]
WORDS: Final[tuple[Word, ...]] = ("registered_for_event", "attended", "cancelled_registration")
FIELDS: Final = ("type", "title", "starts_at", "ends_at", "zone", "city")
_LONGEST = 200
_HINT = "Correct it and send it again; nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The last word of one person about an event, and since when."""

    candidate: str
    word: Word
    at: datetime


async def event_named(tx: Tx, name: str) -> CalendarEventRow:
    """The event of an id; NotFound when there is none."""
    row = await tx.get(CalendarEventRow, name, populate_existing=True)
    if row is None:
        raise NotFound(kind="event", name=name, hint="List those that there are: `rapport events`.")
    return row


async def events(tx: Tx, *, after: str = "", limit: int = 100) -> Sequence[CalendarEventRow]:
    """Events in the order of their ids, from the first one behind `after`."""
    query = select(CalendarEventRow).where(CalendarEventRow.id > after).order_by(CalendarEventRow.id).limit(limit)
    return (await tx.scalars(query)).all()


async def change_event(tx: Tx, clock: Clock, name: str, fields: Mapping[str, str], *, by: str) -> Taken | None:
    """Make an event, or change it, and let everybody who waits for it plan anew; None when nothing is new.

    BadInput for a field that does not fit. Changing an event that was called off lets it take place.
    """
    _check(name, fields)
    row = await tx.get(CalendarEventRow, name, populate_existing=True)
    _check_order({key: getattr(row, key, None) for key in ("starts_at", "ends_at", "zone")} | dict(fields))
    if row is not None and not row.cancelled and all(getattr(row, key) == value for key, value in fields.items()):
        return None
    return await _tell(tx, clock, "event_changed", name, fields, by)


async def cancel_event(tx: Tx, clock: Clock, name: str, *, by: str) -> Taken | None:
    """Call an event off and let everybody know who waits for it; None when it was called off before."""
    if (await event_named(tx, name)).cancelled:
        return None
    return await _tell(tx, clock, "event_cancelled", name, {}, by)


async def note_presence(
    tx: Tx, clock: Clock, name: str, candidate: str, word: Word, *, by: str, shift: float = 0.0
) -> Taken | None:
    """Note that a person registers, comes, or does not come after all; None when that is known.

    NotFound for an event or a person that we do not know. Refused (`erased`) for who was erased.
    """
    await event_named(tx, name)
    person = await candidates.get(tx, candidate)
    if person.erased_at is not None:
        raise Refused(reason="erased", message="This person asked to be forgotten.", hint="Nothing is noted.")
    last = await _last(tx, name, person.id)
    # Who came was registered: a registration that is told later is no news.
    if last == word or (last == "attended" and word == "registered_for_event"):
        return None
    at = clock.walk_time(person.id)
    incoming = Incoming(
        dedupe_key=f"{word}:{name}:{person.id}:{at.isoformat()}",
        kind=word,
        candidate=person.id,
        at=at,
        detail={"event": name},
        evidence={"door": by},
        shift=shift,
    )
    return await take_in(tx, clock, incoming)


async def registrations(tx: Tx, name: str, *, after: str = "", limit: int = 100) -> Sequence[Registration]:
    """The last word of each person about an event, in the order of their ids, from the first one behind `after`."""
    await event_named(tx, name)
    row = HappeningRow
    said = select(row.candidate, row.kind, row.at).where(row.event == name, row.candidate > after, row.kind.in_(WORDS))
    last: dict[str, Registration] = {}
    for candidate, kind, at in await tx.execute(said.order_by(row.candidate, row.at, row.recorded_at)):
        name = str(candidate)
        if name not in last and len(last) >= limit:
            break
        last[name] = Registration(candidate=name, word=cast("Word", kind), at=at)
    return list(last.values())


async def _last(tx: Tx, name: str, candidate: str) -> str | None:
    row = HappeningRow
    said = select(row.kind).where(row.event == name, row.candidate == candidate, row.kind.in_(WORDS))
    return await tx.scalar(said.order_by(row.at.desc(), row.recorded_at.desc()).limit(1))


async def _tell(tx: Tx, clock: Clock, kind: str, name: str, fields: Mapping[str, str], by: str) -> Taken:
    at = clock.now()
    incoming = Incoming(
        dedupe_key=f"{kind}:{name}:{at.isoformat()}",
        kind=kind,
        candidate=None,
        at=at,
        detail={**fields, "event": name},
        evidence={"door": by},
    )
    return await take_in(tx, clock, incoming)


def _check(name: str, fields: Mapping[str, str]) -> None:
    if not name.strip() or name != name.strip() or len(name) > _LONGEST or not name.isprintable():
        message = f"it needs 1 to {_LONGEST} characters on one line, without blanks around them."
        raise BadInput(place="event", message=message, hint="Name it like career-fair-2026; nothing was changed.")
    for key, value in fields.items():
        if key not in FIELDS:
            raise BadInput(place=key, message="events have no such field.", hint=f"There are: {', '.join(FIELDS)}.")
        if not value or len(value) > _LONGEST or not value.isprintable():
            raise BadInput(place=key, message=f"it needs 1 to {_LONGEST} characters on one line.", hint=_HINT)
    for key in ("starts_at", "ends_at"):
        if key in fields:
            _instant(key, fields[key])
    if fields.get("zone", "UTC") not in available_timezones():
        raise BadInput(place="zone", message='it is no time zone such as "Europe/Berlin".', hint=_HINT)


def _check_order(times: Mapping[str, str | None]) -> None:
    """Refuse an event that would end before it starts; its dates may have an offset or not."""
    begin, end = (_moment(times[key], times["zone"]) for key in ("starts_at", "ends_at"))
    if begin is not None and end is not None and end < begin:
        hint = "Name both, starts_at and ends_at, when an event moves; nothing was changed."
        raise BadInput(place="ends_at", message=f"it lies before starts_at, {times['starts_at']}.", hint=hint)


def _moment(text: str | None, zone: str | None) -> datetime | None:
    """The instant that a text names, in `zone` unless it says which; None for no text, and for one that is no time."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone if zone and zone in available_timezones() else "UTC"))


def _instant(key: str, text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        message = "it is no time such as 2026-04-01T10:00."
        raise BadInput(place=key, message=message, hint=_HINT) from error
