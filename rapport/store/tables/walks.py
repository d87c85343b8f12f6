"""Walks: who walks which sequence, what was decided and done on the way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Hash, Row, Word

_NOT_ENDED = text("state != 'ended'")
# Few walks are about an application, and the database looks for them before it lets one go.
_ABOUT_ONE = text("application IS NOT NULL")


class EnrollmentRow(Row):
    """One person's walk through one version of a sequence; the unique indexes decide who is "already enrolled".

    `state` is starting, running, paused or ended; `once_key` is what `once_per` names, else empty.
    `enrolled_at` and `ended_at` are walk time; `shift_seconds` is walk time minus Temporal's time.
    """

    __tablename__ = "enrollments"
    __table_args__ = (
        ForeignKeyConstraint(["sequence", "version"], ["versions.sequence", "versions.hash"]),
        Index("enrollments_count", "sequence", "candidate", "n", unique=True),
        Index(
            "enrollments_already",
            "sequence",
            "candidate",
            "once_key",
            unique=True,
            sqlite_where=_NOT_ENDED,
            postgresql_where=_NOT_ENDED,
        ),
        Index("enrollments_by_person", "candidate", "state"),
        Index("enrollments_by_event", "event", "state"),
        Index("enrollments_by_application", "application", sqlite_where=_ABOUT_ONE, postgresql_where=_ABOUT_ONE),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[Word]
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    n: Mapped[int]
    version: Mapped[Hash]
    state: Mapped[Word]
    enrolled_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    cause: Mapped[str]
    once_key: Mapped[str] = mapped_column(default="")
    event: Mapped[Word | None] = mapped_column(ForeignKey("calendar_events.id"), default=None)
    application: Mapped[Word | None] = mapped_column(ForeignKey("applications.id"), default=None)
    shift_seconds: Mapped[float] = mapped_column(default=0.0)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    end_name: Mapped[str | None] = mapped_column(default=None)
    path: Mapped[list[Any]] = mapped_column(default_factory=list)


class RefusalRow(Row):
    """One decision not to enroll someone, for `why`; the names may be unknown ones, so nothing is referenced."""

    __tablename__ = "refusals"
    __table_args__ = (Index("refusals_by_person", "candidate", "at"),)

    id: Mapped[Counted] = mapped_column(init=False)
    sequence: Mapped[Word]
    candidate: Mapped[Word]
    reason: Mapped[Word]
    message: Mapped[str]
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class EffectRow(Row):
    """One effect of one step, done once; `state` is claimed, done or failed."""

    __tablename__ = "effects"

    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"), primary_key=True)
    step: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    state: Mapped[Word]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    result: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class ReadRow(Row):
    """What a step read from the ATS, under the name that `as:` gave it; the latest read counts."""

    __tablename__ = "reads"

    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"), primary_key=True)
    name: Mapped[Word] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class DecisionRow(Row):
    """One answer to a condition, with the values that it rested on."""

    __tablename__ = "decisions"

    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"), primary_key=True)
    step: Mapped[Word] = mapped_column(primary_key=True)
    result: Mapped[bool]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    values: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class HoldRow(Row):
    """One step at which a walk stands still until a person decides; `state` is waiting, retried or skipped.

    `at` is the walk time since which it stands still; a step that holds its walk again is waiting again.
    """

    __tablename__ = "holds"
    __table_args__ = (Index("holds_by_state", "state", "enrollment"),)

    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"), primary_key=True)
    step: Mapped[Word] = mapped_column(primary_key=True)
    state: Mapped[Word]
    reason: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
