"""Mails that came to us: how far each mailbox is read, what became of each mail, and replies on their way on."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word


class MailboxRow(Row):
    """How far one mailbox is read: every mail up to `uid` is in the store, as long as `uidvalidity` stays the same.

    `read_at` is when we last looked, `received_at` when the newest mail that we know came to the server.
    """

    __tablename__ = "mailboxes"

    name: Mapped[Word] = mapped_column(primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
    received_at: Mapped[datetime | None] = mapped_column(default=None)


class IncomingMailRow(Row):
    """One mail of a mailbox, once, however often it is there; known by the hash of its Message-ID and sender.

    `outcome` is one of `rapport.usecases.incoming_mail`. Nothing of the mail itself is kept but of one that nobody
    could read: `raw` holds its first 256 kB, `reason` the error, until somebody has looked.
    """

    __tablename__ = "incoming_mails"
    __table_args__ = (Index("incoming_mails_by_outcome", "outcome", "recorded_at"),)

    key: Mapped[Hash] = mapped_column(primary_key=True)
    mailbox: Mapped[Word]
    kind: Mapped[Word]
    outcome: Mapped[Word]
    recorded_at: Mapped[datetime]
    uid: Mapped[int | None] = mapped_column(BigInteger, default=None)
    uidvalidity: Mapped[int | None] = mapped_column(BigInteger, default=None)
    send: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("sends.id"), default=None)
    happening: Mapped[Word | None] = mapped_column(ForeignKey("happenings.id"), default=None)
    reason: Mapped[Word | None] = mapped_column(default=None)
    raw: Mapped[bytes | None] = mapped_column(default=None)


class ForwardRow(Row):
    """One reply on its way to a recruiter; `state` is waiting, sent or failed, `original` is kept until it is sent.

    `next_at` is the real time before which it is not tried (again).
    """

    __tablename__ = "forwards"
    __table_args__ = (Index("forwards_by_state", "state", "next_at"),)

    happening: Mapped[Word] = mapped_column(ForeignKey("happenings.id"), primary_key=True)
    recruiter: Mapped[Word]
    state: Mapped[Word]
    recorded_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    original: Mapped[bytes | None] = mapped_column(default=None)
    reason: Mapped[Word | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
