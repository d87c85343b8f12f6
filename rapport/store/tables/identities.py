"""By what else a person is recognized: further addresses, ids in other systems, profile links, and who became whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word


class AddressRow(Row):
    """A further address of a person, beside the one that mails go to; `key` is its keyed hash."""

    __tablename__ = "addresses"
    __table_args__ = (Index("addresses_by_person", "candidate"),)

    key: Mapped[Hash] = mapped_column(primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    email: Mapped[str]
    recorded_at: Mapped[datetime]


class IdentityRow(Row):
    """What another system calls a person.

    `system` is the key of an ATS connection in project.yaml, or `profile` for the normalized link of a public profile.
    `key` is its keyed hash: what is left of the name when the person is erased.
    """

    __tablename__ = "identities"
    __table_args__ = (Index("identities_by_person", "candidate"),)

    system: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    key: Mapped[Hash]
    recorded_at: Mapped[datetime]


class MergeRow(Row):
    """Two rows that were one person: `gone` is empty since then, and its id leads to `kept`.

    `profile` is what `gone` itself had said, field by field (`custom.notice`, `skills.python`), and `given` are those
    of its fields that the person has now.
    """

    __tablename__ = "merges"
    __table_args__ = (Index("merges_by_kept", "kept"),)

    gone: Mapped[Word] = mapped_column(ForeignKey("candidates.id"), primary_key=True)
    kept: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    cause: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    profile: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    given: Mapped[list[str]] = mapped_column(default_factory=list)
