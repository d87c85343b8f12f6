"""Sending one mail, once: look, write and claim, hand over, record; a network call never happens in a transaction."""

import asyncio
from datetime import datetime

from rapport.clock import Clock
from rapport.engine.runtime import Outcome
from rapport.ids import send_id
from rapport.ports import Mailer
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.answered import record
from rapport.usecases.claim import Claimed, claim
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.standing import standing_alone


class Sending:
    """Sends the mails of walks; the second call for a step finds the first one's result."""

    def __init__(self, store: Store, mailer: Mailer, letterhead: Letterhead, clock: Clock) -> None:
        """Keep what every mail needs."""
        self._store, self._mailer, self._letterhead, self._clock = store, mailer, letterhead, clock
        # One mail at a time is between claim and record: whoever dies in mid-send leaves one mail in doubt, not four.
        # A second call for the same mail waits here for the first one; in another process it finds the row.
        self.counter = asyncio.Lock()

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the mail of a step, unless that was done or something is in the way."""
        async with self.counter:
            async with self._store.write() as tx:
                here = await standing_alone(tx, enrollment, at)
                claimed = await claim(tx, here, step, self._letterhead, self._clock)
            return claimed if isinstance(claimed, Outcome) else await self._hand_over(enrollment, step, claimed, at)

    async def _hand_over(self, enrollment: str, step: str, claimed: Claimed, at: datetime) -> Outcome:
        delivery = await self._mailer.deliver(claimed.raw, sender=claimed.envelope_sender, recipient=claimed.recipient)
        async with self._store.write() as tx:
            row = await sends.find(tx, send_id(enrollment, step))
            assert row is not None  # noqa: S101  # claimed above, and sends are never deleted
            return await record(tx, self._clock, row, delivery, at)
