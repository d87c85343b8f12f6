"""What the note of each person in an ATS told last, and when that was looked at."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from rapport.store.database import Tx
from rapport.store.tables.ats import AtsApplicationRow, AtsPersonRow
from rapport.store.tables.recruiting import ApplicationRow


async def keep(tx: Tx, connection: str, person: str, *, mark: str, at: datetime) -> None:
    """The note tells this now; no mark means that there was nothing to tell."""
    row = AtsPersonRow
    theirs = (row.connection == connection) & (row.id == person)
    await tx.execute(update(row).where(theirs).values(noted=mark or None, noted_at=at))


async def has_one(tx: Tx, connection: str, person: str) -> bool:
    """Whether we wrote a note of this person."""
    row = await tx.get(AtsPersonRow, (connection, person))
    return row is not None and row.noted is not None


async def due(tx: Tx, connection: str, *, before: datetime, limit: int) -> Sequence[AtsPersonRow]:
    """People with an active application whose note was last looked at before, the longest ago first."""
    row, seen, filed = AtsPersonRow, AtsApplicationRow, ApplicationRow
    is_active = (
        select(seen.id)
        .join(filed, filed.id == seen.id)
        .where(seen.connection == row.connection, seen.person == row.id, seen.is_prospect.is_(False))
        .where(filed.status == "active")
        .exists()
    )
    query = (
        select(row)
        .where(row.connection == connection, row.noted.is_not(None), row.noted_at <= before, is_active)
        .order_by(row.noted_at, row.id)
        .limit(limit)
    )
    return (await tx.scalars(query)).all()
