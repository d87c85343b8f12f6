"""The outbox: what walks have to be told, in order for each walk, by whoever holds the lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.intake import OPEN, DeliveryRow
from rapport.store.tables.walks import EnrollmentRow

# Sending a parked mail again may take days of trying, and no walk waits for it.
_APART = "resend"
# Twice the longest lease or rest of anything else: what is farther ahead was written before the clock was set back,
# and to deliver a message twice does no harm.
_FARTHEST = timedelta(minutes=2)


async def put(
    tx: Tx,
    *,
    enrollment: str,
    kind: str,
    payload: dict[str, Any],
    at: datetime,
    now: datetime,
    happening: str | None = None,
) -> DeliveryRow:
    """Put one message for one walk into the outbox; `at` is walk time, `now` real time."""
    row = DeliveryRow(enrollment=enrollment, kind=kind, payload=payload, at=at, created_at=now, happening=happening)
    await insert(tx, row)
    return row


async def lease(tx: Tx, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DeliveryRow]:
    """Take up to `limit` messages, none of which has to wait for an earlier one to the same walk.

    They are ours until `now + lease`; whoever leases after that gets them again, so delivering twice must do no harm.
    """
    rows = (await tx.scalars(_leasable(now).limit(limit))).all()
    for row in rows:
        row.state, row.leased_until, row.attempts = "leased", now + lease, row.attempts + 1
    await tx.flush()
    return rows


def _leasable(now: datetime) -> Any:
    earlier = aliased(DeliveryRow)
    blocked = exists().where(
        earlier.enrollment == DeliveryRow.enrollment,
        earlier.id < DeliveryRow.id,
        earlier.state.in_(OPEN),
        earlier.kind != _APART,
        DeliveryRow.kind != _APART,
    )
    until = DeliveryRow.leased_until
    set_back = (until > now + _FARTHEST) & (DeliveryRow.kind != _APART)
    free = or_(until.is_(None), until <= now, set_back)
    # Writers take turns, so that two dispatchers need no locks of rows, and numbers rise in the order of commits.
    return select(DeliveryRow).where(DeliveryRow.state.in_(OPEN), free, ~blocked).order_by(DeliveryRow.id)


async def done(tx: Tx, delivery: int, *, now: datetime) -> None:
    """Note that the walk has been told."""
    await _set(tx, delivery, state="done", done_at=now, leased_until=None)


async def all_done(tx: Tx, ids: Sequence[int], *, now: datetime) -> None:
    """The same for many messages, in one statement."""
    if ids:
        await tx.execute(_open_of(DeliveryRow.id.in_(ids)).values(state="done", done_at=now, leased_until=None))


async def give_back(tx: Tx, delivery: int, *, now: datetime, backoff: timedelta) -> None:
    """Let it be tried again after a while, of at most a minute but for resends; later ones to the same walk wait."""
    await _set(tx, delivery, state="waiting", leased_until=now + backoff)


async def bury(tx: Tx, delivery: int, *, now: datetime) -> None:
    """Give up on a message that can never arrive; later ones to the same walk go on."""
    await _set(tx, delivery, state="dead", done_at=now, leased_until=None)


async def undispatched(tx: Tx, *, enrollment: str | None = None, candidate: str | None = None) -> Sequence[DeliveryRow]:
    """What a walk, or all walks of a person, have not been told yet, oldest first."""
    query = select(DeliveryRow).where(DeliveryRow.state.in_(OPEN)).order_by(DeliveryRow.id)
    if enrollment is not None:
        query = query.where(DeliveryRow.enrollment == enrollment)
    if candidate is not None:
        query = query.join(EnrollmentRow, EnrollmentRow.id == DeliveryRow.enrollment)
        query = query.where(EnrollmentRow.candidate == candidate)
    return (await tx.scalars(query)).all()


async def depth(tx: Tx) -> int:
    """How many messages are on their way."""
    return await tx.scalar(select(func.count()).where(DeliveryRow.state.in_(OPEN))) or 0


async def _set(tx: Tx, delivery: int, **values: Any) -> None:
    await tx.execute(_open_of(DeliveryRow.id == delivery).values(**values))


def _open_of(which: ColumnElement[bool]) -> Update:
    # Only an open row changes: the answer of a dispatcher that lost its lease cannot reopen what is done.
    return update(DeliveryRow).where(which, DeliveryRow.state.in_(OPEN)).execution_options(synchronize_session=False)
