"""Lost walks: under way in the store, while Temporal runs no such workflow. They are begun again, or ended here.

Strays are the opposite: Temporal runs them, and the store has never heard of them.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy import exists, select

from rapport.clock import Clock
from rapport.engine.state import End, Passed
from rapport.errors import Refused
from rapport.store import deliveries, published
from rapport.store.database import Tx
from rapport.store.portions import portions
from rapport.store.tables.intake import OPEN, DeliveryRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases import holds
from rapport.usecases.commands import put, walking
from rapport.usecases.entry import start_of
from rapport.usecases.walk_end import record_end

_UNDER_WAY = ("running", "paused")


async def under_way(tx: Tx) -> Sequence[str]:
    """The walks that Temporal must have; one whose start is in the outbox may not be there yet."""
    starts = exists().where(
        DeliveryRow.enrollment == EnrollmentRow.id,
        DeliveryRow.kind == "start",
        DeliveryRow.state.in_(OPEN),
    )
    query = select(EnrollmentRow.id).where(EnrollmentRow.state.in_(_UNDER_WAY), ~starts)
    return (await tx.scalars(query.order_by(EnrollmentRow.id))).all()


async def strays(tx: Tx, running: Collection[str]) -> Sequence[str]:
    """Those of the running walks that the store has no row of; one that has ended, or was of an erased person, has."""
    names = sorted(running)
    known: set[str] = set()
    for portion in portions(names):
        known.update(await tx.scalars(select(EnrollmentRow.id).where(EnrollmentRow.id.in_(portion))))
    return [name for name in names if name not in known]


async def begin_again(tx: Tx, clock: Clock, enrollment: str, *, by: str) -> None:
    """Start a walk anew, at its first step. Refused (`ended`) when it is over.

    What it did is in the store and is not done again, and what it was told it hears again. Its waits begin anew.
    """
    row = await walking(tx, enrollment)
    version = await published.version(tx, row.sequence, row.version)
    at = clock.walk_time(row.candidate)
    with suppress(Refused):  # where it is held; it comes to that step again, and says so if it has to
        await holds.answer(tx, enrollment, "retried", at=at, by=by)
    told, now = await _told(tx, row.id), clock.now()
    payload = {**start_of(row, version), "bulk": True}  # there may be thousands: whom one person waits for goes first
    await deliveries.put(tx, enrollment=row.id, kind="start", payload=payload, at=at, now=now)
    for each in told:
        await deliveries.put(
            tx, enrollment=row.id, kind="happening", payload=each.payload, at=each.at, now=now, happening=each.happening
        )
    if row.state == "paused":
        await put(tx, clock, row, "pause", at=at, by=by)


async def end(tx: Tx, clock: Clock, enrollment: str, as_it_was: End | None, path: Sequence[Passed]) -> None:
    """Note that a walk ended, as it did or else as cancelled now. Refused (`ended`) when that is known."""
    row = await walking(tx, enrollment)
    cancelled = End("cancelled", clock.walk_time(row.candidate))
    await record_end(tx, clock, row, as_it_was or cancelled, path)


async def _told(tx: Tx, enrollment: str) -> Sequence[DeliveryRow]:
    """Everything that the walk was told or is about to be, each thing once."""
    query = select(DeliveryRow).where(DeliveryRow.enrollment == enrollment, DeliveryRow.kind == "happening")
    return [*{row.happening: row for row in await tx.scalars(query.order_by(DeliveryRow.id))}.values()]
