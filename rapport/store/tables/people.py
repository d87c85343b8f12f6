"""Candidates and what changes about them: pools, tags, scores."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Hash, Row, Word

_HAS_OWNER = text("owner_recruiter IS NOT NULL")


class CandidateRow(Row):
    """A person; `email_key` is the keyed hash that finds the address again. Erased: all but the id is empty.

    `score` is as of `score_at`, its last change; `score_rest` is what rounding has left over (`rapport.crm.score`).
    `stage` is one of `rapport.crm.lifecycle`; `custom` holds the project's own fields, checked where they are written.
    """

    __tablename__ = "candidates"
    __table_args__ = (
        Index("candidates_by_owner", "owner_recruiter", "id", sqlite_where=_HAS_OWNER, postgresql_where=_HAS_OWNER),
    )

    id: Mapped[Word] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    first_name: Mapped[str | None] = mapped_column(default=None)
    last_name: Mapped[str | None] = mapped_column(default=None)
    email: Mapped[str | None] = mapped_column(default=None)
    email_key: Mapped[Hash | None] = mapped_column(unique=True, default=None)
    locale: Mapped[str | None] = mapped_column(default=None)
    timezone: Mapped[str | None] = mapped_column(default=None)
    country: Mapped[str | None] = mapped_column(default=None)
    city: Mapped[str | None] = mapped_column(default=None)
    seniority: Mapped[str | None] = mapped_column(default=None)
    skills: Mapped[list[str]] = mapped_column(default_factory=list)
    source: Mapped[str | None] = mapped_column(default=None)
    stage: Mapped[str | None] = mapped_column(default=None)
    score: Mapped[int] = mapped_column(default=0)
    score_rest: Mapped[float] = mapped_column(default=0.0)
    score_at: Mapped[datetime | None] = mapped_column(default=None)
    owner_recruiter: Mapped[str | None] = mapped_column(default=None)
    joined_on: Mapped[date | None] = mapped_column(default=None)
    last_contacted_on: Mapped[date | None] = mapped_column(default=None)
    custom: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)


class PoolMemberRow(Row):
    """A candidate in a talent pool; the membership lapses at `expires_at`."""

    __tablename__ = "pool_members"
    # With the end of the membership, so that members are counted by the index alone.
    __table_args__ = (Index("pool_members_by_pool", "pool", "candidate", "expires_at"),)

    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"), primary_key=True)
    pool: Mapped[Word] = mapped_column(primary_key=True)
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)


class TagRow(Row):
    """A tag on a candidate."""

    __tablename__ = "tags"
    __table_args__ = (Index("tags_by_tag", "tag", "candidate"),)

    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"), primary_key=True)
    tag: Mapped[Word] = mapped_column(primary_key=True)
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class ScoreEntryRow(Row):
    """One change of a score: the ledger that explains the number. Once per cause.

    `how` is add, subtract or set; both are None for entries from before they were written down.
    """

    __tablename__ = "score_entries"
    __table_args__ = (Index("score_entries_once", "candidate", "cause", unique=True),)

    id: Mapped[Counted] = mapped_column(init=False)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    before: Mapped[int]
    after: Mapped[int]
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    how: Mapped[Word | None] = mapped_column(default=None)
    points: Mapped[int | None] = mapped_column(default=None)


class ProfileChangeRow(Row):
    """Fields of a profile that changed at once, by name (`city`, `custom.notice_period`), and why; never their values.

    The first entry of a person is how we came to know them.
    """

    __tablename__ = "profile_changes"
    __table_args__ = (Index("profile_changes_by_person", "candidate", "at"),)

    id: Mapped[Counted] = mapped_column(init=False)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    fields: Mapped[list[str]]
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
