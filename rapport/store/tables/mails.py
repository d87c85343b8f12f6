"""Sends: what left the house, byte for byte, and what the server answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word


class SendRow(Row):
    """One mail of one step of one enrollment, claimed before it is rendered and stored before it is sent.

    `state` is one of `rapport.usecases.ledger`. `at` is the walk time of the claim, `accepted_at` the walk time at
    which the server took the mail, `resent_at` the real time at which somebody decided to send a parked mail again.
    """

    __tablename__ = "sends"
    __table_args__ = (
        Index("sends_once", "enrollment", "step", unique=True),
        Index("sends_by_recipient", "recipient_key", "at"),
        Index("sends_by_state", "state", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"))
    step: Mapped[Word]
    state: Mapped[Word]
    mail: Mapped[Word]
    version: Mapped[Hash]
    recipient_key: Mapped[Hash]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    language: Mapped[Word | None] = mapped_column(default=None)
    mail_hash: Mapped[Hash | None] = mapped_column(default=None)
    commit: Mapped[str | None] = mapped_column(default=None)
    message_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    subject: Mapped[str | None] = mapped_column(default=None)
    raw: Mapped[bytes | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    code: Mapped[int | None] = mapped_column(default=None)
    enhanced: Mapped[str | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    server_text: Mapped[str | None] = mapped_column(default=None)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    resent_at: Mapped[datetime | None] = mapped_column(default=None)


class SendLinkRow(Row):
    """One destination of one send; a click goes only to what stands here."""

    __tablename__ = "send_links"

    send: Mapped[int] = mapped_column(BigInteger, ForeignKey("sends.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Word | None]
    url: Mapped[str]
