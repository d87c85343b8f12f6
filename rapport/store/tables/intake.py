"""What came in, and what has to be told to walks."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Row, Word

_ABOUT_EVENT = text("event IS NOT NULL")
_IS_REPLY = text("kind = 'replied'")
# Written out in statements as in the index: SQLite does not find one by values that come later.
OPEN = tuple(literal(state, literal_execute=True) for state in ("waiting", "leased"))
_IS_OPEN = text("state IN ('waiting', 'leased')")


class HappeningRow(Row):
    """One thing that happened, stored once however often it is told; only `verdict` human moves a walk.

    `event` is the one that it is about, as `detail` has it: who registered is looked up by it.
    """

    __tablename__ = "happenings"
    __table_args__ = (
        Index("happenings_by_person", "candidate", "kind", "at"),
        Index("happenings_by_enrollment", "enrollment", "step", "kind"),
        # Few happenings are about an event; the others pay nothing for it.
        Index("happenings_by_event", "event", "at", sqlite_where=_ABOUT_EVENT, postgresql_where=_ABOUT_EVENT),
        # The same holds for replies, which are read by their age.
        Index("happenings_replied", "at", "id", sqlite_where=_IS_REPLY, postgresql_where=_IS_REPLY),
    )

    id: Mapped[Word] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Word]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    verdict: Mapped[Word]
    candidate: Mapped[Word | None] = mapped_column(ForeignKey("candidates.id"), default=None)
    enrollment: Mapped[str | None] = mapped_column(ForeignKey("enrollments.id"), default=None)
    send: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sends.id"), default=None)
    step: Mapped[Word | None] = mapped_column(default=None)
    link: Mapped[Word | None] = mapped_column(default=None)
    event: Mapped[Word | None] = mapped_column(default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    evidence: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)


class DeliveryRow(Row):
    """One message of the outbox, to one walk; delivered in the order of ids.

    `kind` is start, happening, cancel, pause, resume, retry or skip, and resend, which is no message to the walk and
    stands in nobody's way; `state` is waiting, leased, done or dead.
    A waiting row with `leased_until` was given back and rests until then. `at` is walk time, the rest wall time.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        # Of all that was ever told, what has still to be: in the order in which it is leased.
        Index("deliveries_open", "id", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("deliveries_by_enrollment", "enrollment", "state", "id"),
    )

    id: Mapped[Counted] = mapped_column(init=False)
    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"))
    kind: Mapped[Word]
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    created_at: Mapped[datetime]
    happening: Mapped[Word | None] = mapped_column(ForeignKey("happenings.id"), default=None)
    state: Mapped[Word] = mapped_column(default="waiting")
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
