"""Walks that stand still at a step until a person says retry or skip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.store import enrollments
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.published import VersionRow
from rapport.store.tables.walks import EnrollmentRow, HoldRow
from rapport.usecases import todo
from rapport.usecases.standing import Standing
from rapport.usecases.tasks import ask_owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One walk that stands still: where, since when (walk time), why, and whose sequence it is."""

    enrollment: str
    step: str
    since: datetime
    reason: str
    owner: str


async def hold(tx: Tx, clock: Clock, here: Standing, step: str, reason: str) -> None:
    """Note that a walk stands still at this step since `here.at`, and ask the owner; the second call changes nothing.

    Somebody may have answered between the two calls of a worker that died: that answer stands.
    """
    new = HoldRow(
        enrollment=here.row.id, step=step, state="waiting", reason=reason, at=here.at, recorded_at=clock.now()
    )
    if not await insert_once(tx, new):
        row = await tx.get_one(HoldRow, (here.row.id, step), populate_existing=True)
        if row.at >= here.at:
            return
        row.state, row.reason, row.at, row.recorded_at = "waiting", reason, here.at, clock.now()
        await tx.flush()
    await ask_owner(tx, clock, here, step, reason)


async def held(tx: Tx, *, after: str = "", limit: int = 1_000) -> Sequence[Held]:
    """Walks that wait for a person, in the order of their ids, from the first one behind `after`."""
    query = (
        select(HoldRow, VersionRow.owner)
        .join(EnrollmentRow, EnrollmentRow.id == HoldRow.enrollment)
        .join(VersionRow, (VersionRow.sequence == EnrollmentRow.sequence) & (VersionRow.hash == EnrollmentRow.version))
        .where(HoldRow.state == "waiting", EnrollmentRow.state != enrollments.ENDED, HoldRow.enrollment > after)
        .order_by(HoldRow.enrollment)
        .limit(limit)
    )
    return [
        Held(enrollment=row.enrollment, step=row.step, since=row.at, reason=row.reason, owner=owner)
        for row, owner in await tx.execute(query)
    ]


async def answer(tx: Tx, enrollment: str, state: Literal["retried", "skipped"], *, at: datetime, by: str) -> str:
    """Note what a person decided, and tick off the owner's task; the step. Refused when the walk is not held."""
    waiting = select(HoldRow).where(HoldRow.enrollment == enrollment, HoldRow.state == "waiting")
    row = await tx.scalar(waiting.execution_options(populate_existing=True))
    if row is None:
        raise Refused(
            reason="not_held",
            message=f"{enrollment} does not stand still at a step.",
            hint="List those that do: `rapport holds`.",
        )
    row.state = state
    await todo.tick_off(tx, todo.step_key(enrollment, row.step), at=at, by=by)
    await tx.flush()
    return row.step
