"""Sending one mail, once: look, write, claim, hand over, record; a network call never happens in a transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal
from weakref import WeakValueDictionary

from rapport.clock import Clock
from rapport.engine.runtime import Outcome
from rapport.errors import ConfigurationError, RapportError
from rapport.ids import send_id
from rapport.mail.merge import DataMissing
from rapport.ports import Mailer
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.answered import record
from rapport.usecases.claim import Claimed, claim, leave_out, settled
from rapport.usecases.compose_mail import Letterhead, Written, write_mail
from rapport.usecases.may_send import obstacle
from rapport.usecases.standing import standing


class Sending:
    """Sends the mails of walks; the second call for a step finds the first one's result."""

    def __init__(self, store: Store, mailer: Mailer, letterhead: Letterhead, clock: Clock) -> None:
        """Keep what every mail needs."""
        self._store, self._mailer, self._letterhead, self._clock = store, mailer, letterhead, clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        # One mail at a time is between claim and record: whoever dies in mid-send leaves one mail in doubt, not four.
        self.counter = asyncio.Lock()

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the mail of a step, unless that was done or something is in the way."""
        async with self._turn(send_id(enrollment, step)):
            prepared = await self._prepare(enrollment, step, at)
            if isinstance(prepared, Outcome):
                return prepared
            async with self.counter:
                return await self._claim_and_hand_over(enrollment, step, prepared, at)

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
                    # The installation is ours to repair; it is an outage, and no failure of this mail.
                    repair = isinstance(error, ConfigurationError)
                    found = Outcome(status="retry" if repair else "failed", reason=_reason(error))
            elif found.status != "skip" or (row is not None and row.state == "skipped"):
                return found
        async with self._store.write() as tx:
            state: Literal["refused", "skipped"] = "skipped" if found.status == "skip" else "refused"
            return await leave_out(tx, here, step, state, found.reason, self._clock) or found

    async def _claim_and_hand_over(self, enrollment: str, step: str, written: Written, at: datetime) -> Outcome:
        async with self._store.write() as tx:
            here = await standing(tx, enrollment, at)
            claimed = await claim(tx, here, step, written, self._letterhead, self._clock)
        return claimed if isinstance(claimed, Outcome) else await self._hand_over(enrollment, step, claimed, at)

    async def _hand_over(self, enrollment: str, step: str, claimed: Claimed, at: datetime) -> Outcome:
        delivery = await self._mailer.deliver(claimed.raw, sender=claimed.envelope_sender, recipient=claimed.recipient)
        async with self._store.write() as tx:
            row = await sends.find(tx, send_id(enrollment, step))
            assert row is not None  # noqa: S101  # claimed above, and sends are never deleted
            return await record(tx, self._clock, row, delivery, at)


def _reason(error: RapportError) -> str:
    """Why a mail could not be written; a mistake in its text is told with its place, and never with a value."""
    return f"needs {error.path}" if isinstance(error, DataMissing) else error.message
