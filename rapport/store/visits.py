"""Visits that wait to be judged, their company, and how long we know who came."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update

from rapport.store.database import Tx
from rapport.store.tables.mails import SendLinkRow
from rapport.store.tables.visits import TELLS, VisitRow

# What a verdict needs, and no longer (European practice for measuring mails).
TELLS_FOR: Final = timedelta(days=30)
_SWEPT_AT_ONCE = 500


async def someone_waits(tx: Tx, now: datetime) -> bool:
    """Whether a visit is due to be judged."""
    return bool(await tx.scalar(select(exists().where(VisitRow.due_at <= now))))


async def due(tx: Tx, now: datetime, *, limit: int) -> Sequence[str]:
    """The visits that are due, the one that waits longest first."""
    query = select(VisitRow.key).where(VisitRow.due_at <= now).order_by(VisitRow.due_at, VisitRow.key).limit(limit)
    return (await tx.scalars(query)).all()


async def find(tx: Tx, key: str) -> VisitRow | None:
    """One visit, as it is now."""
    return await tx.get(VisitRow, key, populate_existing=True)


async def around(tx: Tx, visit: VisitRow, within: timedelta) -> Sequence[VisitRow]:
    """The other visits to the same mail, up to so long before or after this one."""
    query = select(VisitRow).where(
        VisitRow.send == visit.send,
        VisitRow.key != visit.key,
        VisitRow.seen_at >= visit.seen_at - within,
        VisitRow.seen_at <= visit.seen_at + within,
    )
    return (await tx.scalars(query)).all()


async def links_of(tx: Tx, send: int) -> int:
    """How many links a mail has."""
    return len((await tx.scalars(select(SendLinkRow.number).where(SendLinkRow.send == send))).all())


async def forget_who(tx: Tx, *, before: datetime) -> int:
    """Drop who made the visits of before an instant, some hundred of them; how many there were."""
    # In the words of the index, without which neither database uses it.
    old = select(VisitRow.key).where(TELLS, VisitRow.seen_at < before, VisitRow.due_at.is_(None))
    keys = (await tx.scalars(old.order_by(VisitRow.seen_at).limit(_SWEPT_AT_ONCE))).all()
    if keys:
        forget = update(VisitRow).where(VisitRow.key.in_(keys)).values(agent=None, network=None, told=False)
        await tx.execute(forget.execution_options(synchronize_session=False))
    return len(keys)
