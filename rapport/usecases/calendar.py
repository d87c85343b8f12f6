"""The calendar of events: new ones become known, and they move or are called off."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.usecases.incoming import Incoming

# What decides about the event itself, for everybody; the others are about one person at it.
DECISIVE = ("event_changed", "event_cancelled")
ABOUT_EVENTS = (*DECISIVE, "registered_for_event", "attended", "cancelled_registration")
_ATTENDANCE = ("registered_for_event", "attended", "cancelled_registration")
_FIELDS = ("type", "title", "starts_at", "ends_at", "zone", "city")


async def registered(tx: Tx, event: str) -> Sequence[str]:
    """Who is registered for an event: those whose last word about it is not that they do not come."""
    row = HappeningRow
    said = select(row.candidate, row.kind).where(row.event == event, row.candidate.is_not(None))
    said = said.where(row.kind.in_(_ATTENDANCE)).order_by(row.at, row.recorded_at)
    last = {str(candidate): kind for candidate, kind in await tx.execute(said)}
    return sorted(candidate for candidate, kind in last.items() if kind != "cancelled_registration")


def event_of(incoming: Incoming) -> str | None:
    """The event that this is about; None when it is not about a named one."""
    name = incoming.detail.get("event")
    return name if incoming.kind in ABOUT_EVENTS and isinstance(name, str) and name else None


async def note_event(tx: Tx, incoming: Incoming, now: datetime) -> CalendarEventRow | None:
    """Bring our calendar up to date with what came in; None when it is not about a named event.

    A registration fills in what we do not know; only a change overwrites, and only when it is not older news.
    """
    name = event_of(incoming)
    if name is None:
        return None
    row = await tx.get(CalendarEventRow, name, populate_existing=True)
    if row is None:
        row = CalendarEventRow(id=name, at=incoming.at, recorded_at=now)
        await insert(tx, row)
    overwrite = incoming.kind in DECISIVE and incoming.at >= row.at
    for field in _FIELDS:
        value = incoming.detail.get(field)
        if isinstance(value, str) and (overwrite or getattr(row, field) is None):
            setattr(row, field, value)
    if overwrite:
        row.at, row.recorded_at, row.cancelled = incoming.at, now, incoming.kind == "event_cancelled"
    await tx.flush()
    return row
