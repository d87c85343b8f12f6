"""How far mailboxes are read, and what became of their mails."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.incoming import IncomingMailRow, MailboxRow

QUARANTINED = "quarantined"


async def cursor(tx: Tx, mailbox: str) -> MailboxRow | None:
    """How far a mailbox is read; None when it never was."""
    return await tx.get(MailboxRow, mailbox, populate_existing=True)


async def move_cursor(
    tx: Tx, mailbox: str, *, uidvalidity: int, uid: int, read_at: datetime, received_at: datetime | None
) -> None:
    """Note that everything up to `uid` is in the store; it moves backwards only when the server counts anew."""
    fresh = MailboxRow(name=mailbox, uidvalidity=uidvalidity, uid=uid, read_at=read_at, received_at=received_at)
    if await insert_once(tx, fresh):
        return
    row = await cursor(tx, mailbox)
    assert row is not None  # noqa: S101  # it was there a moment ago, and nobody deletes one
    row.uid = max(uid, row.uid) if row.uidvalidity == uidvalidity else uid
    row.uidvalidity, row.read_at = uidvalidity, read_at
    row.received_at = max(filter(None, (received_at, row.received_at)), default=None)
    await tx.flush()


async def mail(tx: Tx, key: str) -> IncomingMailRow | None:
    """A mail that was taken in before; None when it is new."""
    return await tx.get(IncomingMailRow, key, populate_existing=True)


async def all_of_them(tx: Tx) -> Sequence[MailboxRow]:
    """Every mailbox that was ever read, by name."""
    return (await tx.scalars(select(MailboxRow).order_by(MailboxRow.name))).all()


async def quarantined(tx: Tx, *, limit: int = 200) -> Sequence[IncomingMailRow]:
    """The mails that nobody could read, the oldest first."""
    query = select(IncomingMailRow).where(IncomingMailRow.outcome == QUARANTINED)
    return (await tx.scalars(query.order_by(IncomingMailRow.recorded_at).limit(limit))).all()


async def count_quarantined(tx: Tx) -> int:
    """How many there are."""
    query = select(func.count()).select_from(IncomingMailRow).where(IncomingMailRow.outcome == QUARANTINED)
    return await tx.scalar(query) or 0
