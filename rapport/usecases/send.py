"""Sending one mail, once: look, write and claim, hand over, record; a network call never happens in a transaction."""

import asyncio
from datetime import datetime

from rapport.clock import Clock
from rapport.engine.runtime import Outcome
from rapport.ids import send_id
from rapport.ports import Ats, Mailer
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.answered import record
from rapport.usecases.ats_state import read_again
from rapport.usecases.claim import Claimed, Stale, claim
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.standing import standing_alone


class Sending:
    """Sends the mails of walks; the second call for a step finds the first one's result."""

    def __init__(self, store: Store, mailer: Mailer, letterhead: Letterhead, clock: Clock, ats: Ats) -> None:
        """Keep what every mail needs."""
        self._ats = ats
        self._store, self._mailer, self._letterhead, self._clock = store, mailer, letterhead, clock
        # One mail at a time is between claim and record: whoever dies in mid-send leaves one mail in doubt, not four.
        # A second call for the same mail waits here for the first one; in another process it finds the row.
        self.counter = asyncio.Lock()

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the mail of a step, unless that was done or something is in the way."""
        outcome = await self._try(enrollment, step, at)
        if isinstance(outcome, Stale):  # asked while others send: an ATS may take its time
            waits = await read_again(self._store, self._ats, self._clock, outcome.here)
            outcome = waits or await self._try(enrollment, step, at)
        if isinstance(outcome, Stale):
            return Outcome(status="retry", reason="what the ATS told is too old")
        return outcome

    async def _try(self, enrollment: str, step: str, at: datetime) -> Outcome | Stale:
        async with self.counter:
            claimed = await self._claim(enrollment, step, at)
            return await self._hand_over(enrollment, step, claimed, at) if isinstance(claimed, Claimed) else claimed

    async def _claim(self, enrollment: str, step: str, at: datetime) -> Claimed | Stale | Outcome:
        async with self._store.write() as tx:
            here = await standing_alone(tx, enrollment, at)
            return await claim(tx, here, step, self._letterhead, self._clock)

    async def _hand_over(self, enrollment: str, step: str, claimed: Claimed, at: datetime) -> Outcome:
        delivery = await self._mailer.deliver(claimed.raw, sender=claimed.envelope_sender, recipient=claimed.recipient)
        async with self._store.write() as tx:
            row = await sends.find(tx, send_id(enrollment, step))
            assert row is not None  # noqa: S101  # claimed above, and sends are never deleted
            return await record(tx, self._clock, row, delivery, at)
