"""What has to be done at an ATS, in the order in which it came, by whoever holds the lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, func, or_, select, update

from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.ats import AtsErrandRow

_OPEN = ("waiting", "leased")


async def put(tx: Tx, row: AtsErrandRow) -> bool:
    """Keep one errand; False when the same delivery has asked for it before."""
    return await insert_once(tx, row)


async def is_open(tx: Tx, connection: str, kind: str, subject: str) -> bool:
    """Whether something of this kind has still to be done about a subject."""
    row = AtsErrandRow
    these = (row.connection == connection) & (row.kind == kind) & (row.subject == subject) & row.state.in_(_OPEN)
    return await tx.scalar(select(row.id).where(these).limit(1)) is not None


async def lease(tx: Tx, *, limit: int, now: datetime, lease: timedelta) -> Sequence[AtsErrandRow]:
    """Take up to `limit` errands that are due; whoever leases after `now + lease` gets them again."""
    row = AtsErrandRow
    free = or_(row.leased_until.is_(None), row.leased_until <= now)
    due = select(row).where(row.state.in_(_OPEN), free).order_by(row.id).limit(limit)
    rows = (await tx.scalars(due)).all()
    for each in rows:
        each.state, each.leased_until, each.attempts = "leased", now + lease, each.attempts + 1
    await tx.flush()
    return rows


async def done(tx: Tx, errand: int, *, now: datetime) -> None:
    """It is done."""
    await _set(tx, errand, state="done", done_at=now, leased_until=None, trouble=None)


async def give_back(tx: Tx, errand: int, *, until: datetime, trouble: str) -> None:
    """Let it rest until an instant."""
    await _set(tx, errand, state="waiting", leased_until=until, trouble=trouble)


async def waiting(tx: Tx) -> tuple[int, datetime | None, str | None]:
    """How many errands are open, since when the oldest is, and its last failure."""
    row = AtsErrandRow
    count = await tx.scalar(select(func.count()).select_from(row).where(row.state.in_(_OPEN))) or 0
    oldest = await tx.scalar(select(row).where(row.state.in_(_OPEN)).order_by(row.created_at, row.id).limit(1))
    return count, oldest.created_at if oldest else None, oldest.trouble if oldest else None


async def _set(tx: Tx, errand: int, **values: Any) -> bool:
    # Only an open row changes: who has lost the lease cannot reopen what is done.
    this = update(AtsErrandRow).where(AtsErrandRow.id == errand, AtsErrandRow.state.in_(_OPEN))
    result = await tx.execute(this.values(**values).execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
