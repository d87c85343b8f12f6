"""Jobs as the ATS tells of them: what `roles` in mails comes from."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word


class JobRow(Row):
    """A job; `id` is `<connection>/<the ATS's id>`, `at` is when the ATS was asked for what stands here."""

    __tablename__ = "jobs"
    __table_args__ = (Index("jobs_open", "is_open", "opened_at"),)

    id: Mapped[Word] = mapped_column(primary_key=True)
    connection: Mapped[Word]
    title: Mapped[str]
    is_open: Mapped[bool]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    skills: Mapped[list[str]] = mapped_column(default_factory=list)
    city: Mapped[str | None] = mapped_column(default=None)
    country: Mapped[str | None] = mapped_column(default=None)
    seniority: Mapped[str | None] = mapped_column(default=None)
    url: Mapped[str | None] = mapped_column(default=None)
    opened_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    updated_at: Mapped[datetime | None] = mapped_column(default=None)
