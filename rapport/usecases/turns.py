"""What keeps a mail waiting for the sake of all mails: its turn at the recipient's domain, and a stopped sender."""

from datetime import datetime, timedelta

from sqlalchemy import select

from rapport.clock import Clock
from rapport.engine.limits import rate_of
from rapport.engine.runtime import Outcome
from rapport.store.database import Tx
from rapport.store.tables.mails import SenderStopRow, SendRow
from rapport.usecases.standing import Standing

# A person lets the sender go on; asking more often would fill the histories of walks that stand still for days.
_ASK_AGAIN = timedelta(hours=1)
# A walk with a time of its own (a test, the demo) sends to nobody real, and nobody knows when its turn would be.
_REAL = timedelta(hours=1)


async def wait_for_all(tx: Tx, here: Standing, row: SendRow, clock: Clock) -> Outcome | None:
    """What the mail has to wait for although nothing about its person is in the way; None when it may leave.

    The transaction that asks takes the turn: workers share them.
    """
    return await _stopped(tx, here, row) or await _turn(tx, here, row, clock.now())


async def _stopped(tx: Tx, here: Standing, row: SendRow) -> Outcome | None:
    if not here.project.contact_policy.stop_sender_at or row.sender is None:
        return None
    stop = await tx.get(SenderStopRow, row.sender, populate_existing=True)
    if stop is None or stop.resumed_at is not None:
        return None
    return Outcome(status="hold", until=here.at + _ASK_AGAIN, reason="its sender is stopped")


async def _turn(tx: Tx, here: Standing, row: SendRow, now: datetime) -> Outcome | None:
    """Every try has a turn of its own; a mail that waits for its turn keeps it."""
    domain = (here.person.email or "").rpartition("@")[2].lower()
    rate = rate_of(here.project.contact_policy, domain)
    if rate is None or abs(here.at - now) > _REAL:
        return None
    if row.slot_at is None or row.slot_try != row.attempts + 1 or row.domain != domain:
        # SQLite and PostgreSQL both walk the index backwards and stop at the row that decides.
        query = select(SendRow.slot_at).where(SendRow.domain == domain, SendRow.slot_at.is_not(None))
        nth = await tx.scalar(query.order_by(SendRow.slot_at.desc()).limit(1).offset(rate.mails - 1))
        row.domain, row.slot_at, row.slot_try = domain, rate.turn(now, nth), row.attempts + 1
    if row.slot_at <= now:
        return None
    return Outcome(status="hold", until=here.at + (row.slot_at - now), reason="its turn at the mail domain")
