"""What POSTs were answered with, kept under their callers' keys for as long as somebody may repeat one."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import bindparam, delete, select, tuple_

from rapport.store.ahead import ahead_of
from rapport.store.database import Tx
from rapport.store.soon import insert_soon
from rapport.store.tables.doors import IdempotencyRow

# Whoever repeats a call does it within days, also over a long weekend with everything down.
KEPT = timedelta(days=30)
# One answer in so many sweeps, up to twice as many: what is kept cannot outgrow what comes in, and no call waits long.
_SWEEPING = 256
_SWEPT_AT_ONCE = 2 * _SWEEPING

_FIND = select(IdempotencyRow).where(
    IdempotencyRow.key == bindparam("key"), IdempotencyRow.route == bindparam("operation")
)


async def find(tx: Tx, *, key: str, operation: str) -> IdempotencyRow | None:
    """The answer that a key has got; None when it is new."""
    unanswered = ahead_of(tx).unanswered
    if (key, operation) in unanswered:
        unanswered.remove((key, operation))
        return None
    return await tx.scalar(_FIND, {"key": key, "operation": operation})


async def unanswered(tx: Tx, names: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those keys, each with its operation, that are new."""
    known = select(IdempotencyRow.key, IdempotencyRow.route).where(
        tuple_(IdempotencyRow.key, IdempotencyRow.route).in_(names)
    )
    return {*names} - {(row.key, row.route) for row in await tx.execute(known)}


async def keep(tx: Tx, row: IdempotencyRow) -> None:
    """Keep an answer whose key was not found in this transaction; now and then, old ones are swept out with it."""
    await insert_soon(tx, row)
    if crc32(row.key.encode()) % _SWEEPING == 0:
        await sweep(tx, before=row.recorded_at - KEPT)


async def sweep(tx: Tx, *, before: datetime) -> None:
    """Forget the oldest answers of before an instant, a few hundred at most."""
    names = (IdempotencyRow.key, IdempotencyRow.route)
    old = select(*names).where(IdempotencyRow.recorded_at < before)
    oldest = old.order_by(IdempotencyRow.recorded_at).limit(_SWEPT_AT_ONCE)
    statement = delete(IdempotencyRow).where(tuple_(*names).in_(oldest))
    await tx.execute(statement.execution_options(synchronize_session=False))
