"""Looking through what happened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from rapport.store.ahead import ahead_of
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.soon import insert_soon
from rapport.store.tables.intake import DeliveryRow, HappeningRow

HUMAN = "human"


async def keep(tx: Tx, row: HappeningRow) -> bool:
    """Store what happened; False when it was told before, and nothing has changed."""
    unheard = ahead_of(tx).unheard
    if row.id not in unheard:
        return await insert_once(tx, row)
    unheard.remove(row.id)
    await insert_soon(tx, row)
    return True


async def unheard(tx: Tx, ids: Collection[str]) -> set[str]:
    """Those ids of happenings that are new; erasing a person leaves them, unlike the keys that they are made of."""
    return {*ids} - {*await tx.scalars(select(HappeningRow.id).where(HappeningRow.id.in_(ids)))}


async def of_mails(tx: Tx, enrollment: str) -> Sequence[HappeningRow]:
    """What people did with the mails of one enrollment, oldest first; machines' opens and clicks are left out."""
    query = select(HappeningRow).where(
        HappeningRow.enrollment == enrollment, HappeningRow.step.is_not(None), HappeningRow.verdict == HUMAN
    )
    return (await tx.scalars(query.order_by(HappeningRow.at, HappeningRow.id))).all()


async def of_person(tx: Tx, candidate: str, *, kinds: Collection[str], since: datetime) -> Sequence[HappeningRow]:
    """What a person did from an instant on, oldest first."""
    return await lately(tx, candidate, since=dict.fromkeys(kinds, since))


async def lately(
    tx: Tx, candidate: str, *, since: Mapping[str, datetime], event: str | None = None
) -> Sequence[HappeningRow]:
    """What a person did, oldest first: of each kind, from an instant of its own on.

    What happened to the event that their walk is about is theirs as well.
    """
    if not since:
        return ()
    theirs = HappeningRow.candidate == candidate
    if event is not None:
        theirs = or_(theirs, and_(HappeningRow.candidate.is_(None), HappeningRow.event == event))
    kinds = or_(*(and_(HappeningRow.kind == kind, HappeningRow.at >= first) for kind, first in since.items()))
    query = select(HappeningRow).where(theirs, kinds, HappeningRow.verdict == HUMAN)
    return (await tx.scalars(query.order_by(HappeningRow.at, HappeningRow.id))).all()


async def of_enrollment(tx: Tx, enrollment: str) -> Sequence[HappeningRow]:
    """What happened to the mails of an enrollment, machines included, and what its walk was told; oldest first."""
    told = select(DeliveryRow.happening).where(DeliveryRow.enrollment == enrollment, DeliveryRow.happening.is_not(None))
    row, heard = HappeningRow, aliased(HappeningRow)
    # Not an OR, for which PostgreSQL reads all that ever happened.
    theirs = select(heard.id).where(heard.enrollment == enrollment).union(told)
    return (await tx.scalars(select(row).where(row.id.in_(theirs)).order_by(row.at, row.id))).all()
