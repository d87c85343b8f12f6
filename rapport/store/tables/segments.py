"""Segments: what is still to be decided anew, and when time alone may move somebody."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Hash, Row, Word

_UNDER_WAY = text("ended_at IS NULL")


class SegmentDueRow(Row):
    """When the next thing that a segment asks about ends by itself for a person, such as their consent.

    One row for each person of whom such a thing is known, so that looking costs what can change and no more.
    """

    __tablename__ = "segment_dues"
    __table_args__ = (Index("segment_dues_by_time", "at"),)

    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"), primary_key=True)
    at: Mapped[datetime]


class SegmentRecountRow(Row):
    """Everybody is decided about anew, page by page, because a publication has changed what segments mean.

    `cursor` is the last id that had its turn. A later one takes the place of an earlier one. Times are wall time.
    """

    __tablename__ = "segment_recounts"
    __table_args__ = (Index("segment_recounts_open", "id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),)

    id: Mapped[Counted] = mapped_column(init=False)
    meaning: Mapped[Hash]
    recorded_at: Mapped[datetime]
    cursor: Mapped[Word] = mapped_column(default="")
    people: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
