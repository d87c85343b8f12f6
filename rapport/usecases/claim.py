"""Claiming a send: one row for each step of each enrollment, stored byte for byte before anything leaves."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import delete

from rapport.clock import Clock
from rapport.dsl.model import Send
from rapport.engine.happening import Happening
from rapport.engine.runtime import Outcome
from rapport.errors import ConfigurationError, RapportError
from rapport.ids import happening_id, send_id
from rapport.mail.merge import DataMissing
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendLinkRow, SendRow
from rapport.usecases.ats_state import is_stale
from rapport.usecases.compose_mail import Letterhead, Written, write_mail
from rapport.usecases.deferrals import put_off
from rapport.usecases.ledger import move
from rapport.usecases.may_send import obstacle
from rapport.usecases.parked import park
from rapport.usecases.senders import sender_of
from rapport.usecases.standing import Standing
from rapport.usecases.turns import wait_for_all

_NOBODY = "0" * 64  # the recipient's key where there is no address


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A mail that is ours to hand over, and nobody else's."""

    raw: bytes = field(repr=False)
    envelope_sender: str
    recipient: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stale:
    """What the ATS told of this walk's person is too old to write to them; it has to be read again first."""

    here: Standing


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


async def claim(tx: Tx, here: Standing, step: str, letterhead: Letterhead, clock: Clock) -> Claimed | Stale | Outcome:
    """Write the mail and take its send in this transaction, or say why not; `here` comes from `standing_alone`.

    Two walks of one person must see each other's mails, or both pass the contact policy.
    """
    row = _row(here, step, clock)
    found = await settled_or_parked(tx, row, clock)
    if found is not None:
        return found
    if await is_stale(tx, here):
        return Stale(here)
    found = await obstacle(tx, here, step)
    if found is not None:
        return (
            await _leave_out(tx, row, found) if found.status == "skip" else await _put_off(tx, here, step, found, clock)
        )
    found = await _wait_for_all(tx, here, row, clock)
    if found is not None:
        return await _put_off(tx, here, step, found, clock)
    # A mail takes 1 ms to write. To write it before this transaction would mean to read all of `here` twice: 10 ms.
    written = None
    if row.state != "rendered" or row.raw is None or row.recipient_key != here.person.email_key:
        try:
            written = await write_mail(tx, here, step, letterhead)
        except RapportError as error:
            return await _leave_out(tx, row, _unwritten(error))
    await _take(tx, row, here, written)
    return Claimed(
        raw=row.raw or b"",
        envelope_sender=letterhead.envelope_sender(row.id),
        recipient=here.person.email or "",
    )


async def settled_or_parked(tx: Tx, row: SendRow, clock: Clock) -> Outcome | None:
    """What became of a send; one that somebody was killed in the middle of is parked.

    Nobody can say whether that mail left, so that it counts as sent and never goes a second time; a later click,
    reply or bounce tells.
    """
    if row.state == "sending":
        await park(tx, clock, row, "interrupted while it was handed over")
    return await settled(tx, row)


def _row(here: Standing, step: str, clock: Clock) -> SendRow:
    """The send of a step; a new one is not stored before it is known what becomes of it."""
    number = send_id(here.row.id, step)
    known = next((row for row in here.sends if row.id == number), None)
    return known or SendRow(
        id=number,
        enrollment=here.row.id,
        step=step,
        state="claimed",
        mail=getattr(here.node(step).action, "mail", ""),
        version=here.row.version,
        recipient_key=here.person.email_key or _NOBODY,
        at=here.at,
        recorded_at=clock.now(),
    )


def _unwritten(error: RapportError) -> Outcome:
    """Why a mail could not be written; a mistake in its text is told with its place, and never with a value."""
    reason = f"needs {error.path}" if isinstance(error, DataMissing) else error.message
    # The installation is ours to repair; it is an outage, and no failure of this mail.
    return Outcome(status="retry" if isinstance(error, ConfigurationError) else "failed", reason=reason)


async def _wait_for_all(tx: Tx, here: Standing, row: SendRow, clock: Clock) -> Outcome | None:
    """What the mail waits for for the sake of all; a turn that was taken is kept with its row."""
    send = here.node(row.step).action
    with suppress(ConfigurationError):  # without a sender, nothing is written; that is said where it is
        row.sender = sender_of(here, cast("Send", send))[1].lower()
    found = await wait_for_all(tx, here, row, clock)
    if found is not None and row.slot_at is not None:
        tx.add(row)
        await tx.flush()
    return found


async def _put_off(tx: Tx, here: Standing, step: str, why: Outcome, clock: Clock) -> Outcome:
    if why.status == "hold" and why.until is not None and not why.heard:
        await put_off(tx, clock, here.row.id, step, at=here.at, until=why.until, reason=why.reason)
    return why


async def _leave_out(tx: Tx, row: SendRow, why: Outcome) -> Outcome:
    """Note that a mail is not sent, and why."""
    move(row, "skipped" if why.status == "skip" else "refused", why.reason)
    tx.add(row)
    await tx.flush()
    return why


async def _take(tx: Tx, row: SendRow, here: Standing, written: Written | None) -> None:
    """Keep the bytes and the links that they hold: every later attempt sends exactly these."""
    if written is not None:
        composed, text = written.composed, written.text
        row.raw, row.message_id, row.subject = composed.raw, composed.message_id, composed.subject
        row.language, row.mail_hash, row.commit = text.language or None, text.hash, text.commit
        row.recipient_key, row.at = here.person.email_key or _NOBODY, here.at
    move(row, "sending", None)
    row.attempts += 1
    tx.add(row)
    await tx.flush()  # before its links, which refer to it
    if written is not None:
        await _keep_links(tx, row, written, anew=row in here.sends)


async def _keep_links(tx: Tx, row: SendRow, written: Written, *, anew: bool) -> None:
    if anew:
        await tx.execute(delete(SendLinkRow).where(SendLinkRow.send == row.id))
    found = written.composed.links
    tx.add_all(SendLinkRow(send=row.id, number=link.number, name=link.name, url=link.url) for link in found)
    await tx.flush()
