"""How far the outbox is behind: one answer for `rapport doctor`, the API and whoever watches them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from rapport.store.database import Tx
from rapport.store.tables.intake import OPEN, DeliveryRow

# A worker empties the outbox within a second; a minute means that none is running, or that Temporal is away.
LATE = timedelta(minutes=1)
# Sending a parked mail again may take days of trying, and is no sign of trouble with walks.
_APART = "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is on its way to walks: how many messages, and how long the oldest has waited (zero when there is none)."""

    waiting: int
    lag: timedelta
    resending: int

    @property
    def late(self) -> bool:
        """Whether somebody should look."""
        return self.lag > LATE


async def backlog(tx: Tx, now: datetime) -> Backlog:
    """Look at the outbox at `now`, real time."""
    walks_wait = (DeliveryRow.state.in_(OPEN), DeliveryRow.kind != _APART)
    resent = (DeliveryRow.state.in_(OPEN), DeliveryRow.kind == _APART)
    oldest = await tx.scalar(select(func.min(DeliveryRow.created_at)).where(*walks_wait))
    return Backlog(
        waiting=await tx.scalar(select(func.count()).select_from(DeliveryRow).where(*walks_wait)) or 0,
        lag=max(now - oldest, timedelta(0)) if oldest is not None else timedelta(0),
        resending=await tx.scalar(select(func.count()).select_from(DeliveryRow).where(*resent)) or 0,
    )
