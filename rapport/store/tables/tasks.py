"""What colleagues are asked to do, and what they talked about with people."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word


class TaskRow(Row):
    """A to-do for a colleague; `state` is open or done.

    `key` is what makes it the same when it is asked for again: `<enrollment>/<step>` for what a walk asks. The id is
    made from it. `assignee` is a key of `people`. `done_by` is who said so, empty while it is open.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("tasks_by_assignee", "assignee", "state"),
        Index("tasks_by_person", "candidate"),
        Index("tasks_by_step", "enrollment", "step"),
    )

    id: Mapped[Word] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    assignee: Mapped[Word]
    title: Mapped[str]
    due_at: Mapped[datetime | None]
    state: Mapped[Word]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    candidate: Mapped[Word | None] = mapped_column(ForeignKey("candidates.id"), default=None)
    enrollment: Mapped[str | None] = mapped_column(ForeignKey("enrollments.id"), default=None)
    step: Mapped[Word | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    done_by: Mapped[str | None] = mapped_column(default=None)


class ConversationRow(Row):
    """A colleague talked with a person, at an event or elsewhere; `note` stays in the store and goes with the person.

    `task` is the follow-up that was promised.
    """

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_by_person", "candidate", "at"),)

    id: Mapped[Word] = mapped_column(primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    recruiter: Mapped[Word]
    note: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    event: Mapped[Word | None] = mapped_column(ForeignKey("calendar_events.id"), default=None)
    task: Mapped[Word | None] = mapped_column(ForeignKey("tasks.id"), default=None)
