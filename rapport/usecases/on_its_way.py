"""What a walk may not know yet though the store does: nothing is sent in the gap between the two."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from rapport.engine.endings import ending
from rapport.engine.happening import Happening
from rapport.engine.state import WalkState
from rapport.ids import command_id
from rapport.store.database import Tx
from rapport.store.tables.intake import DeliveryRow
from rapport.usecases.standing import Standing

_ENDS_OR_NEWS = ("happening", "cancel")


async def told_or_waiting(tx: Tx, enrollment: str) -> list[Happening]:
    """Everything that this walk was told or will be told, exactly as it hears it, in the order of the outbox."""
    query = select(DeliveryRow).where(DeliveryRow.enrollment == enrollment, DeliveryRow.kind.in_(_ENDS_OR_NEWS))
    return list(_as_heard(await tx.scalars(query.order_by(DeliveryRow.id))))


async def ends_it(tx: Tx, here: Standing, *, by: datetime | None = None) -> tuple[Happening, ...]:
    """What ends this walk as soon as it hears of it, and has happened `by` then; empty when nothing does.

    What was dispatched counts as well: a signal may reach the walk while its mail is about to leave.
    """
    row = here.row
    heard = [
        happening
        for happening in await told_or_waiting(tx, row.id)
        if row.enrolled_at <= happening.at and (by is None or happening.at <= by)
    ]
    state = WalkState.begin(row.id, row.enrolled_at, event=row.event)
    state.sent = {step: mail.sent for step, mail in here.situation.mails.items() if mail.sent is not None}
    state.heard = heard
    return tuple(heard) if ending(here.plan, state) is not None else ()


def _as_heard(rows: Iterator[DeliveryRow]) -> Iterator[Happening]:
    for row in rows:
        if row.kind == "cancel":
            yield Happening(id=command_id(row.enrollment, row.id), kind="cancelled", at=row.at)
        else:
            yield Happening.from_json(row.payload)
