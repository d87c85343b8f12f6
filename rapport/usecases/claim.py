"""Claiming a send: one row for each step of each enrollment, stored byte for byte before anything leaves."""

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import delete

from rapport.clock import Clock
from rapport.engine.happening import Happening
from rapport.engine.runtime import Outcome
from rapport.ids import happening_id, send_id
from rapport.store import candidates, sends
from rapport.store.database import Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.usecases.compose_mail import Letterhead, Written
from rapport.usecases.ledger import move
from rapport.usecases.may_send import obstacle
from rapport.usecases.parked import park
from rapport.usecases.standing import Standing

_NOBODY = "0" * 64  # the recipient's key where there is no address


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A mail that is ours to hand over, and nobody else's."""

    raw: bytes = field(repr=False)
    envelope_sender: str
    recipient: str = field(repr=False)


async def settled(tx: Tx, row: SendRow) -> Outcome | None:
    """What became of a send for good; None while it may be tried (again)."""
    match row.state:
        case "accepted" | "unknown" | "dropped":
            return Outcome(status="done")
        case "skipped":
            return Outcome(status="skip", reason=row.reason or "")
        case "refused" if (bounce := await tx.get(HappeningRow, happening_id(bounce_key(row.id)))) is not None:
            return Outcome(status="failed", reason=row.reason or "", heard=(bounced(row, bounce),))
        case _:
            return None


def bounce_key(send: int) -> str:
    """The dedupe key of a bounce that the mail server told at once."""
    return f"smtp:{send}"


def bounced(row: SendRow, bounce: HappeningRow) -> Happening:
    """The bounce as the walk that sent the mail hears it."""
    return Happening(id=f"{row.enrollment}/{row.step}/bounced", kind="bounced", at=bounce.at, step=row.step)


async def claim(
    tx: Tx, here: Standing, step: str, written: Written, letterhead: Letterhead, clock: Clock
) -> Claimed | Outcome:
    """Take the send in this transaction, or say why not."""
    # Two walks of one person must see each other's mails, or both pass the contact policy.
    await candidates.lock(tx, here.person.id)
    row = await _row(tx, here, step, clock)
    found = await settled_or_parked(tx, row, clock) or await obstacle(tx, here, step)
    if found is not None:
        if found.status == "skip":
            move(row, "skipped", found.reason)
        await tx.flush()
        return found
    if row.state != "rendered" or row.raw is None or row.recipient_key != here.person.email_key:
        await _store(tx, row, here, written)
    move(row, "sending", None)
    row.attempts += 1
    await tx.flush()
    return Claimed(
        raw=row.raw or b"",
        envelope_sender=letterhead.envelope_sender(row.id),
        recipient=written.composed.recipient,
    )


async def settled_or_parked(tx: Tx, row: SendRow, clock: Clock) -> Outcome | None:
    """What became of a send; one that somebody was killed in the middle of is parked.

    Nobody can say whether that mail left, so that it counts as sent and never goes a second time; a later click,
    reply or bounce tells.
    """
    if row.state == "sending":
        await park(tx, clock, row, "interrupted while it was handed over")
    return await settled(tx, row)


async def leave_out(
    tx: Tx, here: Standing, step: str, state: Literal["refused", "skipped"], reason: str, clock: Clock
) -> Outcome | None:
    """Note that a mail is not sent, and why; or what became of it in the meantime."""
    row = await _row(tx, here, step, clock)
    found = await settled_or_parked(tx, row, clock)
    if found is None:
        move(row, state, reason)
        await tx.flush()
    return found


async def _row(tx: Tx, here: Standing, step: str, clock: Clock) -> SendRow:
    new = SendRow(
        id=send_id(here.row.id, step),
        enrollment=here.row.id,
        step=step,
        state="claimed",
        mail=getattr(here.node(step).action, "mail", ""),
        version=here.row.version,
        recipient_key=here.person.email_key or _NOBODY,
        at=here.at,
        recorded_at=clock.now(),
    )
    await insert_once(tx, new)
    row = await sends.find(tx, new.id)
    assert row is not None  # noqa: S101  # inserted in this very transaction, or before it
    return row


async def _store(tx: Tx, row: SendRow, here: Standing, written: Written) -> None:
    """Keep the bytes and the links that they hold: every later attempt sends exactly these."""
    composed, text = written.composed, written.text
    row.raw, row.message_id, row.subject = composed.raw, composed.message_id, composed.subject
    row.language, row.mail_hash, row.commit = text.language or None, text.hash, text.commit
    row.recipient_key, row.at = here.person.email_key or _NOBODY, here.at
    await tx.execute(delete(SendLinkRow).where(SendLinkRow.send == row.id))
    for link in composed.links:
        await insert(tx, SendLinkRow(send=row.id, number=link.number, name=link.name, url=link.url))
