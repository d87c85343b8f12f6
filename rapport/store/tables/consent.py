"""What people have agreed to, and whom we must not write to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Hash, Row, Word


class ConsentRow(Row):
    """One entry of the append-only ledger, for one purpose, with its proof.

    `state` is granted or withdrawn, and, for `all`, paused (until `expires_at`) or resumed. `text` is what the person
    saw, in `language`; `text_hash` is its SHA-256 and tells one version from the next. `proof` says by which door and
    mail it came, and from where.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("consents_by_person", "candidate", "purpose", "at"),)

    id: Mapped[Counted] = mapped_column(init=False)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    purpose: Mapped[Word]
    state: Mapped[Word]
    basis: Mapped[str]
    text: Mapped[str]
    source: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    language: Mapped[Word | None] = mapped_column(default=None)
    text_hash: Mapped[Hash | None] = mapped_column(default=None)
    proof: Mapped[dict[str, Any] | None] = mapped_column(default=None)


class SuppressionRow(Row):
    """An address that gets no mail, known by its keyed hash only, so that it outlives erasure.

    `scope` is `all` or a purpose; `name` is that of an erased person's names in other systems.
    """

    __tablename__ = "suppressions"

    key: Mapped[Hash] = mapped_column(primary_key=True)
    scope: Mapped[Word] = mapped_column(primary_key=True)
    reason: Mapped[Word]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
