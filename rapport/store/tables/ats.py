"""How far each ATS has been read, what it told last of people and applications, and what has still to be done there."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Counted, Hash, Row, Word


class AtsConnectionRow(Row):
    """One connection of project.yaml; `since` divides its news from its history, which starts nothing.

    `read_at` is when its changes were last read to their end; `cursor` is empty before the first page. `roll` is the
    last person who was asked for by id, in a slow round that finds out who is gone. `hidden_after` is where the round
    stood when it met suspiciously many who are missing; None once it has met these people again.
    """

    __tablename__ = "ats_connections"

    connection: Mapped[Word] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    recorded_at: Mapped[datetime]
    cursor: Mapped[str] = mapped_column(default="")
    page_at: Mapped[datetime | None] = mapped_column(default=None)
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)
    roll: Mapped[str] = mapped_column(default="")
    hidden_after: Mapped[str | None] = mapped_column(default=None)


class AtsPersonRow(Row):
    """A person of an ATS and who that is here.

    `seen_at` is when the ATS was asked for what stands here. `told` holds keyed hashes of what it said, by field: who
    changed a field last is known by them. `noted` is the hash of what their note tells, and `noted_at` when that was
    looked at; empty where there was nothing to tell.
    """

    __tablename__ = "ats_people"
    __table_args__ = (
        Index("ats_people_by_person", "candidate"),
        Index("ats_people_by_note", "connection", "noted_at"),
    )

    connection: Mapped[Word] = mapped_column(primary_key=True)
    id: Mapped[Word] = mapped_column(primary_key=True)
    candidate: Mapped[Word] = mapped_column(ForeignKey("candidates.id"))
    seen_at: Mapped[datetime]
    updated_at: Mapped[datetime | None] = mapped_column(default=None)
    is_employee: Mapped[bool] = mapped_column(default=False)
    may_mail: Mapped[bool | None] = mapped_column(default=None)
    told: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    noted: Mapped[Hash | None] = mapped_column(default=None)
    noted_at: Mapped[datetime | None] = mapped_column(default=None)


class AtsApplicationRow(Row):
    """What orders the news of one application; `id` is that of the row in `applications`.

    `person` is the ATS's id. `seen_at` is when the ATS was asked; `facts` counts what has been told of it.
    """

    __tablename__ = "ats_applications"
    __table_args__ = (Index("ats_applications_by_person", "connection", "person"),)

    id: Mapped[Word] = mapped_column(primary_key=True)
    connection: Mapped[Word]
    person: Mapped[Word]
    seen_at: Mapped[datetime]
    updated_at: Mapped[datetime | None] = mapped_column(default=None)
    facts: Mapped[int] = mapped_column(default=0)
    is_prospect: Mapped[bool] = mapped_column(default=False)


class AtsErrandRow(Row):
    """Something to do at an ATS, outside of any transaction: what a hint names is read again, or a note is written.

    `kind` is that of a hint, or `history_note` (`subject` is a person of the ATS). `key` is the hash of the delivery's
    own id: a second delivery adds nothing. `state` is waiting, leased or done; who rests, rests
    until `leased_until`.
    `trouble` names the last failure.
    """

    __tablename__ = "ats_errands"
    __table_args__ = (
        Index("ats_errands_once", "connection", "key", "kind", "subject", unique=True),
        Index("ats_errands_by_state", "state", "id"),
    )

    id: Mapped[Counted] = mapped_column(init=False)
    connection: Mapped[Word]
    key: Mapped[Hash]
    kind: Mapped[Word]
    subject: Mapped[Word]
    created_at: Mapped[datetime]
    person: Mapped[Word | None] = mapped_column(default=None)
    new_id: Mapped[Word | None] = mapped_column(default=None)
    state: Mapped[Word] = mapped_column(default="waiting")
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    trouble: Mapped[str | None] = mapped_column(default=None)
