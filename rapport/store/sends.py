"""Finding sends."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from rapport.store.database import Tx
from rapport.store.tables.mails import SendLinkRow, SendRow


async def find(tx: Tx, send: int) -> SendRow | None:
    """The send of a number; None when we never sent it."""
    return await tx.get(SendRow, send, populate_existing=True)


async def by_message_id(tx: Tx, message_id: str) -> SendRow | None:
    """The send that carried this Message-ID."""
    return await tx.scalar(select(SendRow).where(SendRow.message_id == message_id))


async def of_enrollment(tx: Tx, enrollment: str) -> Sequence[SendRow]:
    """The sends of one enrollment, in the order of their claims."""
    query = select(SendRow).where(SendRow.enrollment == enrollment).order_by(SendRow.at, SendRow.recorded_at)
    return (await tx.scalars(query)).all()


async def link(tx: Tx, send: int, number: int) -> SendLinkRow | None:
    """One destination of one send; None is no destination, and nobody is sent anywhere."""
    return await tx.get(SendLinkRow, (send, number))


async def in_state(tx: Tx, state: str, *, after: int = 0, limit: int = 50) -> Sequence[SendRow]:
    """The sends in one state, in the order of their numbers, from the first one behind `after`."""
    query = select(SendRow).where(SendRow.state == state, SendRow.id > after).order_by(SendRow.id).limit(limit)
    return (await tx.scalars(query.options(defer(SendRow.raw)))).all()


async def count(tx: Tx) -> dict[str, int]:
    """How many sends there are in each state."""
    query = select(SendRow.state, func.count().label("number")).group_by(SendRow.state)
    return {row.state: row.number for row in await tx.execute(query)}
