"""What recruiting knows: events such as job fairs, and applications."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word


class CalendarEventRow(Row):
    """An event that people register for; `starts_at` and `ends_at` are kept as given, read in `zone`."""

    __tablename__ = "calendar_events"

    id: Mapped[Word] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    type: Mapped[str | None] = mapped_column(default=None)
    title: Mapped[str | None] = mapped_column(default=None)
    starts_at: Mapped[str | None] = mapped_column(default=None)
    ends_at: Mapped[str | None] = mapped_column(default=None)
    zone: Mapped[str | None] = mapped_column(default=None)
    city: Mapped[str | None] = mapped_column(default=None)
    cancelled: Mapped[bool] = mapped_column(default=False)


class ApplicationRow(Row):
    """One person's application for one job, as the ATS last told; `at` is when that was so."""

    __tablename__ = "applications"
    __table_args__ = (Index("applications_by_person", "candidate", "at"),)

    id: Mapped[Word] = mapped_column(primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    job: Mapped[str | None] = mapped_column(default=None)
    stage: Mapped[str | None] = mapped_column(default=None)
    status: Mapped[str | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    rejected_on: Mapped[date | None] = mapped_column(default=None)
    recruiter: Mapped[str | None] = mapped_column(default=None)
