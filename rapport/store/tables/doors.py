"""What the API needs to know its callers and their retries."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word


class ApiKeyRow(Row):
    """One caller; only the hash of the key is kept."""

    __tablename__ = "api_keys"

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    name: Mapped[Word] = mapped_column(unique=True)
    recorded_at: Mapped[datetime]


class IdempotencyRow(Row):
    """One POST with an idempotency key, and the answer that a repetition gets."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_by_age", "recorded_at"),)

    key: Mapped[Word] = mapped_column(primary_key=True)
    route: Mapped[Word] = mapped_column(primary_key=True)
    request_hash: Mapped[Hash]
    recorded_at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(default=None)
    response: Mapped[dict[str, Any] | None] = mapped_column(default=None)
