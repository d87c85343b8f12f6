"""A walk hears what its own acts cause in their answer; nobody needs to signal it as well."""

from datetime import datetime

from sqlalchemy import update

from rapport.store.database import Tx
from rapport.store.tables.intake import DeliveryRow


async def knows_already(tx: Tx, enrollment: str, happening: str, *, now: datetime) -> None:
    """Take word of this happening to this walk off the outbox."""
    mine = (DeliveryRow.enrollment == enrollment) & (DeliveryRow.happening == happening)
    waiting = DeliveryRow.state == "waiting"
    await tx.execute(update(DeliveryRow).where(mine, waiting).values(state="done", done_at=now))
