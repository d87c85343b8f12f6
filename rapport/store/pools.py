"""Members of pools and segments: counted, and listed in pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from rapport.store.database import Tx
from rapport.store.segments import recount_under_way
from rapport.store.tables.people import PoolMemberRow


async def counts(tx: Tx, at: datetime, pool: str | None = None) -> Mapping[str, int]:
    """How many people are in each pool at an instant, or in one of them; a pool without members is not named."""
    row = PoolMemberRow
    query = select(row.pool, func.count()).where(_lasting(at)).group_by(row.pool)
    found = await tx.execute(query if pool is None else query.where(row.pool == pool))
    return {name: number for name, number in found}  # noqa: C416  # dict() loses the type


async def members(tx: Tx, pool: str, at: datetime, *, after: str, limit: int) -> Sequence[PoolMemberRow]:
    """Who is in a pool at an instant, by id, behind the id `after`."""
    row = PoolMemberRow
    query = select(row).where(row.pool == pool, row.candidate > after, _lasting(at))
    return (await tx.scalars(query.order_by(row.candidate).limit(limit))).all()


async def is_counting(tx: Tx) -> bool:
    """Whether segments mean something else since a publication, and not everybody has been decided about."""
    return await recount_under_way(tx) is not None


def _lasting(at: datetime) -> ColumnElement[bool]:
    return or_(PoolMemberRow.expires_at.is_(None), PoolMemberRow.expires_at > at)
