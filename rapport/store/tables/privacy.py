"""What people asked of their data, and what became of it: the record that an authority is shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word


class PrivacyRequestRow(Row):
    """One export or erasure of a person, however it was asked for; `detail` holds counts and reasons, nothing personal.

    `state` is announced (an erasure that waits until `due_at`), dropped (the person was heard of before that), running
    or done. `told` says that Temporal has heard of it. Times are real time.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        Index("privacy_requests_by_person", "candidate", "asked_at"),
        Index("privacy_requests_untold", "told"),
    )

    id: Mapped[Word] = mapped_column(primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    kind: Mapped[Word]
    state: Mapped[Word]
    asked_by: Mapped[Word]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    told: Mapped[bool] = mapped_column(default=True)
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
