"""Visits to the links and pixels of our mails, as they came."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word

_WAITS = text("due_at IS NOT NULL")
TELLS = text("told = true")


class VisitRow(Row):
    """One visit to a link (`number` from 1) or to the pixel (0) of a send, and what we make of it.

    `kind` is click or open. `at` is walk time, `seen_at` real time; until `due_at` (real time, None once it is judged
    for good) it waits for signs of a scanner. `agent` and `network` say who came, until they are dropped; `told` is
    whether they still do. A second one with the same `key` is the same visit.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("visits_of_send", "send", "seen_at"),
        Index("visits_waiting", "due_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("visits_that_tell", "seen_at", sqlite_where=TELLS, postgresql_where=TELLS),
    )

    key: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    send: Mapped[int] = mapped_column(BigInteger, ForeignKey("sends.id"))
    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"))
    step: Mapped[Word]
    number: Mapped[int]
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    verdict: Mapped[Word]
    signs: Mapped[list[Any]]
    agent: Mapped[str | None] = mapped_column(default=None)
    network: Mapped[Word | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    told: Mapped[bool] = mapped_column(default=True)
