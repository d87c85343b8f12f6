"""Mails that were put off: until when, and why; what `rapport show` tells of a walk that waits to write."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from rapport.clock import Clock
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.mails import DeferralRow


async def put_off(
    tx: Tx, clock: Clock, enrollment: str, step: str, *, at: datetime, until: datetime, reason: str
) -> None:
    """Note that the mail of a step waits; the latest reason counts."""
    row = DeferralRow(enrollment=enrollment, step=step, at=at, until=until, reason=reason, recorded_at=clock.now())
    if not await insert_once(tx, row):
        known = await tx.get_one(DeferralRow, (enrollment, step), populate_existing=True)
        known.at, known.until, known.reason, known.recorded_at = at, until, reason, row.recorded_at
        await tx.flush()


async def deferrals_of(tx: Tx, enrollment: str) -> Sequence[DeferralRow]:
    """What was put off in one enrollment."""
    return (await tx.scalars(select(DeferralRow).where(DeferralRow.enrollment == enrollment))).all()
