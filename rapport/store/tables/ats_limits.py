"""How many calls each ATS still allows, for all processes together."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Row, Word


class AtsLimitRow(Row):
    """One connection's standing; `left` calls until `until`, and none before `opens_at`."""

    __tablename__ = "ats_limits"

    connection: Mapped[Word] = mapped_column(primary_key=True)
    left: Mapped[float]
    since: Mapped[datetime]
    until: Mapped[datetime]
    size: Mapped[int | None] = mapped_column(default=None)
    opens_at: Mapped[datetime | None] = mapped_column(default=None)
