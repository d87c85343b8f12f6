"""Parked mails: those of which nobody can say whether they left. A person decides, or the project's policy."""

from datetime import datetime

from rapport.clock import Clock
from rapport.errors import NotFound, Refused
from rapport.store import deliveries, sends
from rapport.store.database import Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.ledger import move
from rapport.usecases.shelf import live_project


async def park(tx: Tx, clock: Clock, row: SendRow, reason: str) -> None:
    """Take a mail out of the way until somebody decides; `contact_policy.if_unknown: resend` decides at once."""
    move(row, "unknown", reason)
    await tx.flush()
    if row.resent_at is None and (await live_project(tx)).contact_policy.if_unknown == "resend":
        await _put(tx, clock, row, by="contact_policy")


async def resend(tx: Tx, clock: Clock, send: int, *, by: str) -> SendRow:
    """Have a parked mail sent again: the same bytes, the same Message-ID, once. The worker does it.

    NotFound for an unknown send; Refused when it is not parked (`not_parked`) or was sent again (`resent`).
    """
    row = await _parked(tx, send)
    if row.resent_at is not None:
        raise Refused(
            reason="resent",
            message=f"The mail {send} was sent again once, and that is all.",
            hint=f"Leave it at that: `rapport sends drop {send}`.",
        )
    await _put(tx, clock, row, by=by)
    return row


async def drop(tx: Tx, send: int, *, by: str) -> SendRow:
    """Leave a parked mail at that: it never goes again. NotFound for an unknown send, Refused when not parked."""
    row = await _parked(tx, send)
    move(row, "dropped", f"dropped by {by}")
    await tx.flush()
    return row


async def _parked(tx: Tx, send: int) -> SendRow:
    row = await sends.find(tx, send)
    if row is None:
        raise NotFound(kind="send", name=str(send), hint="List what is parked: `rapport sends --parked`.")
    if row.state != "unknown":
        raise Refused(
            reason="not_parked",
            message=f"The mail {send} is {row.state}, not parked.",
            hint="Nothing needs to be done.",
        )
    return row


async def _put(tx: Tx, clock: Clock, row: SendRow, *, by: str) -> None:
    """`by` is the key of a colleague or the name of an API key, never an address."""
    now: datetime = clock.now()
    row.resent_at = now
    payload = {"send": str(row.id), "by": by}
    await deliveries.put(tx, enrollment=row.enrollment, kind="resend", payload=payload, at=row.at, now=now)
