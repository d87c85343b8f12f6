"""What mail providers told us: every event once, and what became of it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word


class ProviderEventRow(Row):
    """One event of a provider, known by the provider's own id; its second telling changes nothing.

    `outcome` is one of `rapport.usecases.provider_events`. `word` is the provider's own name of it. `at` is when it
    happened as the provider says, else when we heard of it; `recorded_at` when we did. An event that belongs to nobody
    keeps `address_key`, the keyed hash of its address, and the Message-ID that it named; of one that is not to be kept,
    nothing tells whose it was.
    """

    __tablename__ = "provider_events"
    __table_args__ = (Index("provider_events_by_outcome", "outcome", "recorded_at"),)

    provider: Mapped[Word] = mapped_column(primary_key=True)
    id: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    word: Mapped[Word]
    outcome: Mapped[Word]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    send: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sends.id"), default=None)
    happening: Mapped[Word | None] = mapped_column(ForeignKey("happenings.id"), default=None)
    address_key: Mapped[Hash | None] = mapped_column(default=None)
    message_id: Mapped[str | None] = mapped_column(default=None)


class ProviderProofRow(Row):
    """A proof that says nothing of the body it came with: it may vouch for the body with this hash, and no other."""

    __tablename__ = "provider_proofs"
    __table_args__ = (Index("provider_proofs_by_age", "recorded_at"),)

    provider: Mapped[Word] = mapped_column(primary_key=True)
    proof: Mapped[Word] = mapped_column(primary_key=True)
    body_hash: Mapped[Hash]
    recorded_at: Mapped[datetime]
