"""Bulk enrollments: a list of people who are to enter one sequence, and how far it has come."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word

_NOT_ENDED = text("state != 'ended'")


class BulkRow(Row):
    """One bulk enrollment; `state` is starting, running, cancelling or ended, `end` is done or cancelled.

    `asked` is the hash of what was asked for: the same wish is granted once at a time. `cursor` is the number of the
    last person who had their turn. `told` says that Temporal has heard of the state. Times are wall time.
    """

    __tablename__ = "bulk_enrollments"
    __table_args__ = (
        Index("bulk_already", "asked", unique=True, sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
        Index("bulk_untold", "told"),
    )

    id: Mapped[Word] = mapped_column(primary_key=True)
    sequence: Mapped[Word]
    source: Mapped[str]
    asked: Mapped[Hash]
    per_minute: Mapped[int]
    cause: Mapped[str]
    recorded_at: Mapped[datetime]
    event: Mapped[Word | None] = mapped_column(default=None)
    again: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(default="starting")
    told: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[int] = mapped_column(default=0)
    entered: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    end: Mapped[Word | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class BulkPersonRow(Row):
    """One person of the list, by the number of their turn; the name may be an unknown one, so nothing is referenced.

    Without `enrollment` and `reason` they have not had their turn; with one of them, they have it never again.
    """

    __tablename__ = "bulk_people"
    __table_args__ = (Index("bulk_people_once", "bulk", "candidate", unique=True),)

    bulk: Mapped[Word] = mapped_column(ForeignKey("bulk_enrollments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    candidate: Mapped[Word]
    enrollment: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[Word | None] = mapped_column(default=None)
