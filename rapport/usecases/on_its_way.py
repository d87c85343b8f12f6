"""What a walk may not know yet though the store does: nothing is done in the gap between the two."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from rapport.engine.endings import ending
from rapport.engine.happening import Happening
from rapport.engine.runtime import Outcome
from rapport.engine.state import End, WalkState
from rapport.ids import command_id
from rapport.store.database import Tx
from rapport.store.tables.intake import DeliveryRow
from rapport.usecases.standing import Standing

_ENDS_OR_NEWS = ("happening", "cancel")
# The outbox is emptied within seconds; a walk that was told meanwhile wakes earlier anyway.
_SOON = timedelta(minutes=1)


async def told_or_waiting(tx: Tx, enrollment: str) -> list[Happening]:
    """Everything that this walk was told or will be told, exactly as it hears it, in the order of the outbox."""
    query = select(DeliveryRow).where(DeliveryRow.enrollment == enrollment, DeliveryRow.kind.in_(_ENDS_OR_NEWS))
    return list(_as_heard(await tx.scalars(query.order_by(DeliveryRow.id))))


async def ends_it(tx: Tx, here: Standing, *, by: datetime | None = None) -> tuple[Happening, ...]:
    """What ends this walk as soon as it hears of it, and has happened `by` then; empty when nothing does.

    What was dispatched counts as well: a signal may reach the walk while its mail is about to leave.
    """
    state = await _as_if_told(tx, here, by)
    return tuple(state.heard) if ending(here.plan, state) is not None else ()


async def end_by(tx: Tx, here: Standing, by: datetime) -> End | None:
    """The end that this walk has reached `by` then, all that is on its way taken as heard; None when it has none."""
    return ending(here.plan, await _as_if_told(tx, here, by))


async def to_hear_first(tx: Tx, here: Standing) -> Outcome | None:
    """What keeps this walk from every act, though it does not know yet: news that ends it, or a pause.

    What ends the walk is handed over in `heard`, so that the walk ends at once.
    """
    heard = await ends_it(tx, here)
    if heard:
        return Outcome(status="hold", until=here.at + _SOON, reason="news that ends the walk", heard=heard)
    return paused(here)


def paused(here: Standing) -> Outcome | None:
    """The answer to a walk that has to stand still."""
    if here.row.state != "paused":
        return None
    return Outcome(status="hold", until=here.at + _SOON, reason="paused")


async def _as_if_told(tx: Tx, here: Standing, by: datetime | None) -> WalkState:
    """What decides about the end of this walk, once it has heard everything up to `by`."""
    row = here.row
    state = WalkState.begin(row.id, row.enrolled_at, event=row.event)
    state.sent = {step: mail.sent for step, mail in here.situation.mails.items() if mail.sent is not None}
    state.heard = [
        happening
        for happening in await told_or_waiting(tx, row.id)
        if row.enrolled_at <= happening.at and (by is None or happening.at <= by)
    ]
    return state


def _as_heard(rows: Iterator[DeliveryRow]) -> Iterator[Happening]:
    for row in rows:
        if row.kind == "cancel":
            yield Happening(id=command_id(row.enrollment, row.id), kind="cancelled", at=row.at)
        else:
            yield Happening.from_json(row.payload)
