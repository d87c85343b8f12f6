"""To-dos of colleagues: asked for once, listed, done, opened again, handed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, update

from rapport.errors import BadInput, NotFound
from rapport.ids import task_id
from rapport.store.columns import UtcDateTime
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.page_marks import mark_of, read_mark
from rapport.usecases.segment_view import watch_of

OPEN: Final = "open"
DONE: Final = "done"
State: TypeAlias = Literal["open", "done"]
# Tasks without a day come last.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a colleague is asked to do; `key` is the same when it is asked again, `assignee` a key of `people`."""

    key: str
    assignee: str
    title: str
    at: datetime
    due_at: datetime | None = None
    candidate: str | None = None
    enrollment: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks a list holds; what is None does not count. `overdue_at` leaves the open ones due before it."""

    assignee: str | None = None
    candidate: str | None = None
    state: State | None = None
    overdue_at: datetime | None = None


def step_key(enrollment: str, step: str) -> str:
    """The key of what a step of a walk asks."""
    return f"{enrollment}/{step}"


async def ask(tx: Tx, asked: Asked, *, now: datetime) -> str:
    """Ask for it unless it was asked for; the id of the task."""
    await insert_once(tx, _row(asked, now))
    return task_id(asked.key)


async def ask_again(tx: Tx, asked: Asked, *, now: datetime) -> None:
    """Ask for it; a task with this key that was done opens again, with the new title."""
    row = _row(asked, now)
    if await insert_once(tx, row):
        return
    opened = {"state": OPEN, "title": row.title, "at": row.at, "done_at": None, "done_by": None}
    await tx.execute(update(TaskRow).where(TaskRow.id == row.id).values(**opened))


async def tick_off(tx: Tx, key: str, *, at: datetime, by: str) -> None:
    """Mark the task of this key as done, if there is one and it is open."""
    this = (TaskRow.key == key) & (TaskRow.state == OPEN)
    await tx.execute(update(TaskRow).where(this).values(state=DONE, done_at=at, done_by=by))


async def find(tx: Tx, name: str) -> TaskRow:
    """The task of an id; NotFound when there is none."""
    row = await tx.get(TaskRow, name, populate_existing=True)
    if row is None:
        raise NotFound(kind="task", name=name, hint="Ids look like t_ab12…; find them with: `rapport tasks`.")
    return row


async def done(tx: Tx, name: str, *, at: datetime, by: str) -> TaskRow:
    """Mark a task as done; the second time changes nothing."""
    row = await find(tx, name)
    if row.state != DONE:
        row.state, row.done_at, row.done_by = DONE, at, by
        await tx.flush()
    return row


async def reopen(tx: Tx, name: str) -> TaskRow:
    """Open a task again that was done."""
    row = await find(tx, name)
    row.state, row.done_at, row.done_by = OPEN, None, None
    await tx.flush()
    return row


async def reassign(tx: Tx, name: str, assignee: str) -> TaskRow:
    """Hand a task to another colleague; BadInput for somebody who is not in `people`."""
    row = await find(tx, name)
    await known_colleague(tx, assignee)
    row.assignee = assignee
    await tx.flush()
    return row


async def known_colleague(tx: Tx, name: str, *, place: str = "assignee") -> str:
    """The same name; BadInput when the live project has nobody of this key."""
    people = (await watch_of(tx)).project.people
    if name not in people:
        known = ", ".join(sorted(people)) or "nobody yet"
        hint = f"Known colleagues: {known}. Add others to `people` in project.yaml and publish it."
        raise BadInput(place=place, message=f"{name!r} is not a key of `people` in project.yaml.", hint=hint)
    return name


async def listed(tx: Tx, wanted: Wanted, *, after: str = "", limit: int = 200) -> Sequence[TaskRow]:
    """The tasks that fit, those first that are due first, from the first one behind the mark `after`.

    BadInput for a mark that we never gave, and for a colleague whom nobody knows and nothing was asked of.
    """
    if wanted.assignee is not None and await tx.scalar(_fitting(Wanted(assignee=wanted.assignee)).limit(1)) is None:
        await known_colleague(tx, wanted.assignee)
    query = _fitting(wanted)
    if after:
        due, name = read_mark(after)
        query = query.where(or_(_due() > due, and_(_due() == due, TaskRow.id > name)))
    return (await tx.scalars(query.order_by(_due(), TaskRow.id).limit(limit))).all()


def mark(row: TaskRow) -> str:
    """Where a task stands in the list."""
    return mark_of(row.due_at or _NEVER, row.id)


def _fitting(wanted: Wanted) -> Select[TaskRow]:
    query = select(TaskRow)
    if wanted.assignee is not None:
        query = query.where(TaskRow.assignee == wanted.assignee)
    if wanted.candidate is not None:
        query = query.where(TaskRow.candidate == wanted.candidate)
    if wanted.state is not None:
        query = query.where(TaskRow.state == wanted.state)
    if wanted.overdue_at is not None:
        query = query.where(TaskRow.state == OPEN, TaskRow.due_at < wanted.overdue_at)
    return query


def _due() -> ColumnElement[datetime]:
    return func.coalesce(TaskRow.due_at, literal(_NEVER, UtcDateTime()), type_=UtcDateTime())


def _row(asked: Asked, now: datetime) -> TaskRow:
    return TaskRow(
        id=task_id(asked.key),
        key=asked.key,
        assignee=asked.assignee,
        title=asked.title,
        due_at=asked.due_at,
        state=OPEN,
        at=asked.at,
        recorded_at=now,
        candidate=asked.candidate,
        enrollment=asked.enrollment,
        step=asked.step,
    )
