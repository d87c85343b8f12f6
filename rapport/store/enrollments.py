"""Finding enrollments, and moving them from state to state."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Select, func, select, update

from rapport.errors import NotFound
from rapport.store.ahead import ahead_of
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow

WalkState: TypeAlias = Literal["starting", "running", "paused", "ended"]
ENDED = "ended"
_HINT = "Ids are <sequence>/<candidate>/<n>; a person's are listed by `rapport show PERSON`."


async def get(tx: Tx, enrollment: str) -> EnrollmentRow:
    """The enrollment of an id, as it is now; NotFound when there is none."""
    row = await tx.get(EnrollmentRow, enrollment, populate_existing=True)
    if row is None:
        raise NotFound(kind="enrollment", name=enrollment, hint=_HINT)
    return row


async def of_person(tx: Tx, candidate: str, sequence: str) -> Sequence[EnrollmentRow]:
    """All of a person's walks through one sequence, the first one first."""
    query = select(EnrollmentRow).where(EnrollmentRow.candidate == candidate, EnrollmentRow.sequence == sequence)
    return (await tx.scalars(query.order_by(EnrollmentRow.n))).all()


async def walking(tx: Tx, candidate: str) -> Sequence[EnrollmentRow]:
    """A person's walks that have not ended."""
    known = ahead_of(tx).walks.pop(candidate, None)
    if known is not None:
        return known
    query = select(EnrollmentRow).where(EnrollmentRow.candidate == candidate, EnrollmentRow.state != ENDED)
    return (await tx.scalars(query.order_by(EnrollmentRow.id))).all()


async def walking_all(tx: Tx, people: Collection[str]) -> dict[str, Sequence[EnrollmentRow]]:
    """The same for each of many people."""
    query = select(EnrollmentRow).where(EnrollmentRow.candidate.in_(people), EnrollmentRow.state != ENDED)
    found: dict[str, list[EnrollmentRow]] = {candidate: [] for candidate in people}
    for row in await tx.scalars(query.order_by(EnrollmentRow.id)):
        found[row.candidate].append(row)
    return {**found}


async def walking_about(tx: Tx, event: str) -> Sequence[EnrollmentRow]:
    """Everybody's walks about one event that have not ended."""
    query = select(EnrollmentRow).where(EnrollmentRow.event == event, EnrollmentRow.state != ENDED)
    return (await tx.scalars(query.order_by(EnrollmentRow.id))).all()


async def begin(tx: Tx, enrollment: str) -> None:
    """Note that the walk is on its way; a walk that was paused or has ended meanwhile stays so."""
    await tx.execute(_of(enrollment, "starting").values(state="running"))


async def begin_all(tx: Tx, ids: Sequence[str]) -> None:
    """The same for many walks, in one statement."""
    if ids:
        these = update(EnrollmentRow).where(EnrollmentRow.id.in_(ids), EnrollmentRow.state == "starting")
        await tx.execute(these.values(state="running").execution_options(synchronize_session=False))


async def end(tx: Tx, enrollment: str, *, name: str, at: datetime, path: list[Any]) -> bool:
    """Record how a walk ended; False when an end was recorded before, and that one stands."""
    row = await get(tx, enrollment)
    if row.state == ENDED:
        return False
    row.state, row.end_name, row.ended_at, row.path = ENDED, name, at, path
    await tx.flush()
    return True


async def page(
    tx: Tx,
    *,
    sequence: str | None = None,
    candidate: str | None = None,
    state: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Sequence[EnrollmentRow]:
    """Enrollments that fit, in the order of their ids, from the first one behind `after`."""
    query = select(EnrollmentRow).where(EnrollmentRow.id > after)
    query = _narrow(query, sequence=sequence, candidate=candidate, state=state)
    return (await tx.scalars(query.order_by(EnrollmentRow.id).limit(limit))).all()


async def count(tx: Tx, *, sequence: str | None = None) -> dict[str, int]:
    """How many enrollments there are in each state."""
    query = select(EnrollmentRow.state, func.count().label("number")).group_by(EnrollmentRow.state)
    if sequence is not None:
        query = query.where(EnrollmentRow.sequence == sequence)
    return {row.state: row.number for row in await tx.execute(query)}


def _narrow(query: Select[Any], **wanted: str | None) -> Select[Any]:
    for name, value in wanted.items():
        if value is not None:
            query = query.where(getattr(EnrollmentRow, name) == value)
    return query


def _of(enrollment: str, state: str) -> Any:
    return update(EnrollmentRow).where(EnrollmentRow.id == enrollment, EnrollmentRow.state == state)
