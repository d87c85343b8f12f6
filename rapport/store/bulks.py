"""Bulk enrollments: found, listed and moved from state to state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy import insert as insert_into

from rapport.errors import NotFound
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.bulk import BulkPersonRow, BulkRow
from rapport.store.tables.intake import OPEN, DeliveryRow
from rapport.store.tables.people import PoolMemberRow

ENDED = "ended"
_PEOPLE_AT_ONCE = 10_000  # a list of a million is no statement of a million rows


async def get(tx: Tx, bulk: str, *, lock: bool = False) -> BulkRow:
    """The bulk enrollment of an id, as it is now; `lock` keeps it from others. NotFound when there is none."""
    query = select(BulkRow).where(BulkRow.id == bulk).execution_options(populate_existing=True)
    row = await tx.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(kind="bulk enrollment", name=bulk, hint="`rapport enroll` says its id (b_…) when it begins.")
    return row


async def under_way(tx: Tx, asked: str) -> BulkRow | None:
    """The one that grants this wish and has not ended."""
    query = select(BulkRow).where(BulkRow.asked == asked, BulkRow.state != ENDED)
    return await tx.scalar(query.execution_options(populate_existing=True))


async def add(tx: Tx, row: BulkRow, names: Sequence[str]) -> bool:
    """Store one with its list; False when the same wish is being granted, and nothing has changed."""
    if not await insert_once(tx, row):
        return False
    people = ({"bulk": row.id, "number": number, "candidate": name} for number, name in enumerate(names, 1))
    while page := list(islice(people, _PEOPLE_AT_ONCE)):
        await tx.execute(insert_into(BulkPersonRow), page)
    return True


async def waiting(tx: Tx, row: BulkRow, *, up_to: int, limit: int) -> Mapping[str, int]:
    """Who comes next, by name, with their number."""
    person = BulkPersonRow
    query = select(person.candidate, person.number).where(person.bulk == row.id, person.number > row.cursor)
    query = query.where(person.number <= up_to).order_by(person.number).limit(limit)
    return {name: number for name, number in await tx.execute(query)}  # noqa: C416  # dict() loses the type


async def note(tx: Tx, turns: Sequence[dict[str, Any]]) -> None:
    """Write down what came of the turns: `{bulk, number, enrollment, reason}` each."""
    if turns:
        await tx.execute(update(BulkPersonRow), turns)


async def untold(tx: Tx) -> Sequence[BulkRow]:
    """Those that Temporal has to hear of."""
    return (await tx.scalars(select(BulkRow).where(BulkRow.told.is_(False)).order_by(BulkRow.id))).all()


async def unfinished(tx: Tx) -> Sequence[BulkRow]:
    """Those that have not ended, whether Temporal has heard of them or not."""
    return (await tx.scalars(select(BulkRow).where(BulkRow.state != ENDED).order_by(BulkRow.id))).all()


async def told(tx: Tx, row: BulkRow) -> None:
    """Note that Temporal has heard of this state; a state that came meanwhile is still to be told."""
    heard = update(BulkRow).where(BulkRow.id == row.id, BulkRow.state.in_((row.state, ENDED, "running")))
    await tx.execute(heard.values(told=True))


async def reasons(tx: Tx, bulk: str) -> Mapping[str, int]:
    """How many people were refused for which reason, the most frequent one first."""
    person, number = BulkPersonRow, func.count().label("number")
    query = select(person.reason, number).where(person.bulk == bulk, person.reason.is_not(None))
    rows = await tx.execute(query.group_by(person.reason).order_by(number.desc(), person.reason))
    return {str(row.reason): row.number for row in rows}


async def starts_under_way(tx: Tx, *, at_most: int) -> int:
    """How many walks wait to be started; counted up to `at_most`."""
    some = select(DeliveryRow.id).where(DeliveryRow.state.in_(OPEN), DeliveryRow.kind == "start")
    return await tx.scalar(select(func.count()).select_from(some.limit(at_most).subquery())) or 0


async def members(tx: Tx, pool: str, at: datetime) -> Sequence[str]:
    """Who is in a pool at an instant."""
    member = PoolMemberRow
    lasting = member.expires_at.is_(None) | (member.expires_at > at)
    query = select(member.candidate).where(member.pool == pool, lasting).order_by(member.candidate)
    return (await tx.scalars(query)).all()
