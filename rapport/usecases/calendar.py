"""The calendar of events: new ones become known, and they move or are called off."""

from datetime import datetime

from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.recruiting import CalendarEventRow
from rapport.usecases.incoming import Incoming

# What decides about the event itself, for everybody; the others are about one person at it.
DECISIVE = ("event_changed", "event_cancelled")
ABOUT_EVENTS = (*DECISIVE, "registered_for_event", "attended", "cancelled_registration")
_FIELDS = ("type", "title", "starts_at", "ends_at", "zone", "city")


async def note_event(tx: Tx, incoming: Incoming, now: datetime) -> CalendarEventRow | None:
    """Bring our calendar up to date with what came in; None when it is not about a named event.

    A registration fills in what we do not know; only a change overwrites, and only when it is not older news.
    """
    name = incoming.detail.get("event")
    if incoming.kind not in ABOUT_EVENTS or not isinstance(name, str) or not name:
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
