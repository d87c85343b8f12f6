"""What the note of each application told last, and when that was looked at."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from rapport.store.database import Tx
from rapport.store.tables.ats import AtsApplicationRow
from rapport.store.tables.recruiting import ApplicationRow


async def keep(tx: Tx, application: str, *, mark: str, at: datetime) -> None:
    """The note tells this now; no mark means that there was nothing to tell."""
    row = AtsApplicationRow
    await tx.execute(update(row).where(row.id == application).values(noted=mark or None, noted_at=at))


async def due(tx: Tx, connection: str, *, before: datetime, limit: int) -> Sequence[tuple[AtsApplicationRow, str]]:
    """Active applications whose note was last looked at before, the longest ago first, each with its candidate."""
    row, filed = AtsApplicationRow, ApplicationRow
    query = (
        select(row, filed.candidate)
        .join(filed, filed.id == row.id)
        .where(row.connection == connection, row.noted.is_not(None), row.noted_at <= before, filed.status == "active")
        .order_by(row.noted_at, row.id)
        .limit(limit)
    )
    return [(seen, candidate) for seen, candidate in (await tx.execute(query)).all()]
