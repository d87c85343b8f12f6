"""What people may tell a walk: cancel, pause, resume, retry, skip; stored first, delivered in order with all else."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.ids import send_id
from rapport.store import deliveries, enrollments, sends
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases import holds
from rapport.usecases.ledger import gone_on, move

Command: TypeAlias = Literal["cancel", "pause", "resume", "retry", "skip"]


async def cancel(tx: Tx, clock: Clock, enrollment: str, *, at: datetime, by: str) -> int:
    """End a walk as soon as it hears of it; the number of the outbox row. Refused when it has ended."""
    row = await walking(tx, enrollment)
    return await put(tx, clock, row, "cancel", at=at, by=by)


async def pause(tx: Tx, clock: Clock, enrollment: str, *, at: datetime, by: str) -> int:
    """Let a walk stand still, at once; the number of the outbox row. Refused when it has ended or stands still."""
    row = await walking(tx, enrollment)
    if row.state == "paused":
        raise Refused(reason="paused", message=f"{enrollment} is paused already.", hint="Resume it to let it go on.")
    row.state = "paused"
    return await put(tx, clock, row, "pause", at=at, by=by)


async def resume(tx: Tx, clock: Clock, enrollment: str, *, at: datetime, by: str) -> int:
    """Let a paused walk go on; the number of the outbox row. Refused when it has ended or is not paused."""
    row = await walking(tx, enrollment)
    if row.state != "paused":
        raise Refused(reason="not_paused", message=f"{enrollment} is not paused.", hint="Nothing needs to be done.")
    row.state = "running"
    return await put(tx, clock, row, "resume", at=at, by=by)


async def retry(tx: Tx, clock: Clock, enrollment: str, *, at: datetime, by: str) -> int:
    """Let a walk try the step again at which it is held; the number of the outbox row. Refused when it is not held."""
    row = await walking(tx, enrollment)
    await holds.answer(tx, enrollment, "retried", at=at, by=by)
    return await put(tx, clock, row, "retry", at=at, by=by)


async def skip(tx: Tx, clock: Clock, enrollment: str, *, at: datetime, by: str) -> int:
    """Let a walk leave the step out at which it is held; the number of the outbox row. Refused when it is not held."""
    row = await walking(tx, enrollment)
    step = await holds.answer(tx, enrollment, "skipped", at=at, by=by)
    send = await sends.find(tx, send_id(enrollment, step))
    if send is not None and not gone_on(send):
        move(send, "skipped", f"skipped by {by}")
    return await put(tx, clock, row, "skip", at=at, by=by)


_SAID: Final[Mapping[Command, Callable[..., Awaitable[int]]]] = {
    "cancel": cancel,
    "pause": pause,
    "resume": resume,
    "retry": retry,
    "skip": skip,
}


async def tell(tx: Tx, clock: Clock, enrollment: str, command: Command, *, by: str) -> EnrollmentRow:
    """Say a command to a walk, now in its time; its enrollment afterwards. NotFound, or Refused as above."""
    row = await enrollments.get(tx, enrollment)
    await _SAID[command](tx, clock, enrollment, at=clock.walk_time(row.candidate), by=by)
    return row


async def walking(tx: Tx, enrollment: str) -> EnrollmentRow:
    """The enrollment, if its walk has not ended; else Refused (`ended`)."""
    row = await enrollments.get(tx, enrollment)
    if row.state == enrollments.ENDED:
        raise Refused(
            reason="ended",
            message=f"{enrollment} has ended ({row.end_name}).",
            hint="Enroll the person again if that is wanted.",
        )
    return row


async def put(tx: Tx, clock: Clock, row: EnrollmentRow, command: Command, *, at: datetime, by: str) -> int:
    """Put a command into the outbox; the number of its row.

    `by` is the key of a colleague or the name of an API key, never an address.
    """
    delivery = await deliveries.put(
        tx,
        enrollment=row.id,
        kind=command,
        payload={"enrollment": row.id, "by": by, "at": at.isoformat()},
        at=at,
        now=clock.now(),
    )
    return delivery.id
