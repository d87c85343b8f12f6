"""Looking through what happened."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from rapport.store.database import Tx
from rapport.store.tables.intake import DeliveryRow, HappeningRow

HUMAN = "human"


async def of_mails(tx: Tx, enrollment: str) -> Sequence[HappeningRow]:
    """What people did with the mails of one enrollment, oldest first; machines' opens and clicks are left out."""
    query = select(HappeningRow).where(
        HappeningRow.enrollment == enrollment, HappeningRow.step.is_not(None), HappeningRow.verdict == HUMAN
    )
    return (await tx.scalars(query.order_by(HappeningRow.at, HappeningRow.id))).all()


async def of_person(tx: Tx, candidate: str, *, kinds: Collection[str], since: datetime) -> Sequence[HappeningRow]:
    """What a person did from an instant on, oldest first."""
    query = select(HappeningRow).where(
        HappeningRow.candidate == candidate,
        HappeningRow.kind.in_(kinds),
        HappeningRow.verdict == HUMAN,
        HappeningRow.at >= since,
    )
    return (await tx.scalars(query.order_by(HappeningRow.at, HappeningRow.id))).all()


async def of_enrollment(tx: Tx, enrollment: str) -> Sequence[HappeningRow]:
    """What happened to the mails of an enrollment, machines included, and what its walk was told; oldest first."""
    told = select(DeliveryRow.happening).where(DeliveryRow.enrollment == enrollment, DeliveryRow.happening.is_not(None))
    query = select(HappeningRow).where(or_(HappeningRow.enrollment == enrollment, HappeningRow.id.in_(told)))
    return (await tx.scalars(query.order_by(HappeningRow.at, HappeningRow.id))).all()
