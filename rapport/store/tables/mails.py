"""Sends: what left the house, byte for byte, and what the server answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rapport.store.columns import Hash, Row, Word

_HAS_TURN = text("slot_at IS NOT NULL")


class SendRow(Row):
    """One mail of one step of one enrollment, claimed before it is rendered and stored before it is sent.

    `state` is one of `rapport.usecases.ledger`. `at` is the walk time of the claim, `accepted_at` the walk time at
    which the server took the mail, `resent_at` the real time at which somebody decided to send a parked mail again.
    `slot_at` is its turn at the recipient's `domain` (real
    time), for the try with the number `slot_try`. `sender` is the address that it comes from.
    """

    __tablename__ = "sends"
    __table_args__ = (
        Index("sends_once", "enrollment", "step", unique=True),
        Index("sends_by_recipient", "recipient_key", "at"),
        Index("sends_by_state", "state", "id"),
        Index("sends_by_turn", "domain", "slot_at", sqlite_where=_HAS_TURN, postgresql_where=_HAS_TURN),
        Index("sends_by_sender", "sender", "recorded_at"),
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
    domain: Mapped[str | None] = mapped_column(default=None)
    sender: Mapped[str | None] = mapped_column(default=None)
    slot_at: Mapped[datetime | None] = mapped_column(default=None)
    slot_try: Mapped[int] = mapped_column(default=0)


class SendLinkRow(Row):
    """One destination of one send; a click goes only to what stands here."""

    __tablename__ = "send_links"

    send: Mapped[int] = mapped_column(BigInteger, ForeignKey("sends.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Word | None]
    url: Mapped[str]


class DeferralRow(Row):
    """A mail that was put off: at `at`, until `until`, and why; the latest time counts. All times are walk time."""

    __tablename__ = "deferrals"

    enrollment: Mapped[str] = mapped_column(ForeignKey("enrollments.id"), primary_key=True)
    step: Mapped[Word] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]


class SenderStopRow(Row):
    """A sender whose mails wait, because too many people complained or too many addresses did not exist.

    `mails` and `harm` are what was counted; `reason` says it in words. `resumed_at` (real time) is when a person let
    the sender go on; what happened before that counts no more.
    """

    __tablename__ = "sender_stops"

    sender: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    mails: Mapped[int]
    harm: Mapped[int]
    stopped_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None] = mapped_column(default=None)
    resumed_by: Mapped[str | None] = mapped_column(default=None)


class SenderHarmRow(Row):
    """One complaint about a mail of a sender, or one mail to an address that does not exist; `at` is real time."""

    __tablename__ = "sender_harms"
    __table_args__ = (Index("sender_harms_by_sender", "sender", "kind", "at"),)

    send: Mapped[int] = mapped_column(BigInteger, ForeignKey("sends.id"), primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    sender: Mapped[str]
    at: Mapped[datetime]
