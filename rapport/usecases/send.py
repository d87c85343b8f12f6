"""Sending one mail, once: look, write, claim, hand over, record; a network call never happens in a transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal
from weakref import WeakValueDictionary

from rapport.clock import Clock
from rapport.engine.runtime import Outcome
from rapport.errors import RapportError
from rapport.ids import send_id
from rapport.mail.merge import DataMissing
from rapport.ports import Delivery, Mailer
from rapport.store import sends
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.usecases.claim import Claimed, bounce_key, bounced, claim, leave_out, settled
from rapport.usecases.compose_mail import Letterhead, Written, write_mail
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.may_send import obstacle
from rapport.usecases.standing import standing
from rapport.usecases.told import knows_already


class Sending:
    """Sends the mails of walks; the second call for a step finds the first one's result."""

    def __init__(self, store: Store, mailer: Mailer, letterhead: Letterhead, clock: Clock) -> None:
        """Keep what every mail needs."""
        self._store, self._mailer, self._letterhead, self._clock = store, mailer, letterhead, clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the mail of a step, unless that was done or something is in the way."""
        async with self._turn(send_id(enrollment, step)):
            prepared = await self._prepare(enrollment, step, at)
            if isinstance(prepared, Outcome):
                return prepared
            async with self._store.write() as tx:
                here = await standing(tx, enrollment, at)
                claimed = await claim(tx, here, step, prepared, self._letterhead, self._clock)
            if isinstance(claimed, Outcome):
                return claimed
            return await self._hand_over(enrollment, step, claimed, at)

    @asynccontextmanager
    async def _turn(self, send: int) -> AsyncIterator[None]:
        """Let a second call wait for the first one; in another process it finds the row."""
        lock = self._turns.setdefault(send, asyncio.Lock())
        async with lock:
            yield

    async def _prepare(self, enrollment: str, step: str, at: datetime) -> Written | Outcome:
        """Write the mail before it is claimed: that takes longer than a transaction that writes should."""
        async with self._store.read() as tx:
            here = await standing(tx, enrollment, at)
            row = await sends.find(tx, send_id(enrollment, step))
            found = await settled(tx, row) if row else None
            # What was interrupted has to be parked first, whatever is in the way by now.
            found = found or (None if row and row.state == "sending" else await obstacle(tx, here, step))
            if found is None:
                try:
                    return await write_mail(tx, here, step, self._letterhead)
                except RapportError as error:
                    found = Outcome(status="failed", reason=_reason(error))
            elif found.status != "skip" or (row is not None and row.state == "skipped"):
                return found
        async with self._store.write() as tx:
            state: Literal["refused", "skipped"] = "skipped" if found.status == "skip" else "refused"
            return await leave_out(tx, here, step, state, found.reason, self._clock) or found

    async def _hand_over(self, enrollment: str, step: str, claimed: Claimed, at: datetime) -> Outcome:
        delivery = await self._mailer.deliver(claimed.raw, sender=claimed.envelope_sender, recipient=claimed.recipient)
        async with self._store.write() as tx:
            row = await sends.find(tx, send_id(enrollment, step))
            assert row is not None  # noqa: S101  # claimed above, and sends are never deleted
            return await self._record(tx, row, delivery, at)

    async def _record(self, tx: Tx, row: SendRow, delivery: Delivery, at: datetime) -> Outcome:
        reason = _words(delivery)
        row.code, row.enhanced, row.reason = delivery.code, delivery.enhanced, reason
        row.server_text = delivery.server_text or None
        match delivery.status:
            case "accepted":
                row.state, row.accepted_at = "accepted", at
                outcome = Outcome(status="done")
            case "unknown":
                row.state = "unknown"
                outcome = Outcome(status="done")
            case "retry":
                row.state = "rendered"
                outcome = Outcome(status="retry", reason=reason)
            case "hard":
                row.state = "refused"
                outcome = await self._bounced(tx, row, reason, at)
            case "block" | "configuration":
                row.state = "refused"
                outcome = Outcome(status="failed", reason=reason)
        await tx.flush()
        return outcome

    async def _bounced(self, tx: Tx, row: SendRow, reason: str, at: datetime) -> Outcome:
        """Close the address, and let all walks of the person hear why; this one hears it in the answer."""
        here = await standing(tx, row.enrollment, at)
        incoming = Incoming(
            dedupe_key=bounce_key(row.id),
            kind="bounced",
            candidate=here.person.id,
            at=at,
            enrollment=row.enrollment,
            send=row.id,
            step=row.step,
            detail={"bounce": "hard"},
            shift=here.row.shift_seconds,
        )
        taken = await take_in(tx, self._clock, incoming)
        await knows_already(tx, row.enrollment, taken.id, now=self._clock.now())
        bounce = await tx.get_one(HappeningRow, taken.id)
        return Outcome(status="failed", reason=reason, heard=(bounced(row, bounce),))


def _words(delivery: Delivery) -> str:
    """What the server meant, in our words and its codes; its own words may hold the address."""
    codes = " ".join(str(code) for code in (delivery.code, delivery.enhanced) if code)
    return f"{delivery.reason} ({codes})" if codes else delivery.reason


def _reason(error: RapportError) -> str:
    """Why a mail could not be written; a mistake in its text is told with its place, and never with a value."""
    return f"needs {error.path}" if isinstance(error, DataMissing) else error.message
