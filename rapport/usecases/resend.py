"""Sending a parked mail again: the same bytes, once, and only if nothing is in the way by now."""

import asyncio
from dataclasses import replace
from datetime import datetime

from rapport.clock import Clock
from rapport.engine.gatekeeper import gate
from rapport.engine.patience import SEND_PATIENCE, next_try
from rapport.engine.runtime import Outcome
from rapport.ports import Mailer
from rapport.store import candidates, enrollments, sends
from rapport.store.database import Store, Tx
from rapport.store.tables.mails import SendRow
from rapport.usecases.answered import record
from rapport.usecases.claim import Claimed
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.ledger import move
from rapport.usecases.may_send import closed
from rapport.usecases.on_its_way import ends_it
from rapport.usecases.standing import Standing, standing, with_all_mails
from rapport.usecases.turns import wait_for_all

# Everything else that ends a walk says that the person should get no more of it.
_WALKED_TO_THE_END = "end"


class Resending:
    """Hands parked mails over once more; `counter` lets one mail at a time be between claim and record."""

    def __init__(
        self, store: Store, mailer: Mailer, letterhead: Letterhead, clock: Clock, counter: asyncio.Lock
    ) -> None:
        """Share the counter with whoever else sends in this process."""
        self._store, self._mailer, self._letterhead, self._clock = store, mailer, letterhead, clock
        self._counter = counter
        self._under_way: set[asyncio.Task[Outcome | None]] = set()

    async def resend(self, send: int, *, attempts: int, since: datetime) -> datetime | None:
        """Try it for the time number `attempts` since `since`; when to try again (real time), None when it is over.

        Whoever loses patience breaks nothing off: a mail that is on the wire comes to its end and is recorded, and the
        next call finds that.
        """
        trying = asyncio.create_task(self._in_turn(send))
        self._under_way.add(trying)  # the loop alone would forget it
        trying.add_done_callback(self._under_way.discard)
        outcome = await asyncio.shield(trying)
        if outcome is None:
            return None
        now = self._clock.now()
        return next_try(SEND_PATIENCE, attempts=attempts, since=since, now=now, not_before=outcome.until)

    async def _in_turn(self, send: int) -> Outcome | None:
        async with self._counter:
            return await self._try(send)

    async def _try(self, send: int) -> Outcome | None:
        """What to wait for, its `until` in real time; None when there is nothing more to do."""
        async with self._store.write() as tx:
            claimed = await self._claim(tx, send)
        if not isinstance(claimed, Claimed):
            return claimed
        delivery = await self._mailer.deliver(claimed.raw, sender=claimed.envelope_sender, recipient=claimed.recipient)
        async with self._store.write() as tx:
            row = await sends.find(tx, send)
            assert row is not None  # noqa: S101  # claimed above, and sends are never deleted
            at = self._clock.walk_time((await enrollments.get(tx, row.enrollment)).candidate)
            outcome = await record(tx, self._clock, row, delivery, at)
        return self._in_real_time(outcome, at) if outcome.status == "retry" else None

    async def _claim(self, tx: Tx, send: int) -> Claimed | Outcome | None:
        row = await sends.find(tx, send)
        if row is not None and row.state == "sending":
            move(row, "unknown", "interrupted while it was sent again")
        elif row is not None and row.state == "unknown":
            return await self._claim_parked(tx, row)
        return None

    async def _claim_parked(self, tx: Tx, row: SendRow) -> Claimed | Outcome | None:
        candidate = (await enrollments.get(tx, row.enrollment)).candidate
        await candidates.lock(tx, candidate)
        here = await standing(tx, row.enrollment, self._clock.walk_time(candidate))
        found = await _obstacle(tx, here, row, self._clock)
        if found is not None:
            row.reason = f"not sent again: {found.reason}"
            return self._in_real_time(found, here.at) if found.status == "hold" else None
        move(row, "sending", None)
        row.attempts += 1
        return Claimed(
            raw=row.raw or b"",
            envelope_sender=self._letterhead.envelope_sender(row.id),
            recipient=here.person.email or "",
        )

    def _in_real_time(self, outcome: Outcome, at: datetime) -> Outcome:
        return outcome if outcome.until is None else replace(outcome, until=self._clock.now() + (outcome.until - at))


async def _obstacle(tx: Tx, here: Standing, row: SendRow, clock: Clock) -> Outcome | None:
    """What keeps it from leaving: as for any mail, but its walk may have walked on to its end."""
    if row.raw is None or row.recipient_key != here.person.email_key:
        return Outcome(status="failed", reason="the address is another one now")
    if here.row.state == enrollments.ENDED and here.row.end_name != _WALKED_TO_THE_END:
        return Outcome(status="skip", reason=f"the walk has ended: {here.row.end_name}")
    if await ends_it(tx, here):
        return Outcome(status="skip", reason="news that ends the walk")
    found = closed(here)
    if found is not None:
        return found
    known = await with_all_mails(tx, here)
    others = {step: facts for step, facts in known.mails.items() if step != row.step}
    answer = gate(here.node(row.step), replace(known, mails=others), here.project)
    if answer.verdict == "go":
        return await wait_for_all(tx, here, row, clock)
    return Outcome(status=answer.verdict, until=answer.until, reason=answer.reason)
