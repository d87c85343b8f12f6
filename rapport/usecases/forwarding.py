"""Replies on their way to recruiters: stored with the reply itself, sent within a minute, once."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from rapport.clock import Clock
from rapport.mail.reply_forward import Forward, forward_sender, write_forward
from rapport.ports import Delivery, Mailer
from rapport.store import candidates
from rapport.store.database import Store, Tx
from rapport.store.once import insert_once
from rapport.store.tables.incoming import ForwardRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.senders import recruiter_of
from rapport.usecases.shelf import live_project
from rapport.usecases.standing import standing
from rapport.usecases.steady import Trouble, keep_at

_LOG = logging.getLogger(__name__)
_LOOKS_EVERY = timedelta(seconds=5)  # a recruiter has the reply within a minute
_WAIT = Trouble(said="Replies wait for the store", action="forwards_wait")
_AT_ONCE = 20
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_LONGEST = timedelta(days=2)
# What a relay takes; a larger mail goes without the original, which stays in the mailbox.
_LARGEST_ORIGINAL = 5_000_000


async def put(
    tx: Tx, clock: Clock, happening: str, walk: EnrollmentRow, *, at: datetime, original: bytes | None
) -> None:
    """Have a reply sent on to the person's recruiter, else to the owner of the sequence."""
    here = await standing(tx, walk.id, at)
    now = clock.now()
    keep = original if original is not None and len(original) <= _LARGEST_ORIGINAL else None
    row = ForwardRow(
        happening=happening,
        recruiter=recruiter_of(here, "owner") or here.owner,
        state="waiting",
        recorded_at=now,
        next_at=now,
        original=keep,
    )
    await insert_once(tx, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyForwarder:
    """Sends waiting replies on; several of them at once send none twice but when one is killed in mid-send."""

    store: Store
    mailer: Mailer
    clock: Clock
    mail_domain: str
    reply_domain: str
    bounce_domain: str
    secret: bytes = field(repr=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; a store or a server that is away is waited for."""
        await keep_at(self.send_waiting, stop, log=_LOG, trouble=_WAIT, every=_LOOKS_EVERY)

    async def send_waiting(self) -> int:
        """Send what is due; how many left."""
        sent = 0
        for happening in await self._due():
            sent += await self._send(happening)
        return sent

    async def _due(self) -> Sequence[str]:
        async with self.store.read() as tx:
            due = (ForwardRow.state == "waiting") & (ForwardRow.next_at <= self.clock.now())
            query = select(ForwardRow.happening).where(due).order_by(ForwardRow.next_at).limit(_AT_ONCE)
            return (await tx.scalars(query)).all()

    async def _send(self, happening: str) -> bool:
        """Claim, write and send one; the Message-ID is the same on every attempt."""
        written = await self._claim(happening)
        if written is None:
            return False
        raw, recipient = written
        delivery = await self.mailer.deliver(raw, sender=forward_sender(self.bounce_domain), recipient=recipient)
        async with self.store.write() as tx:
            row = await tx.get(ForwardRow, happening, populate_existing=True)
            if row is not None:
                self._settle(row, delivery)
        return delivery.status == "accepted"

    async def _claim(self, happening: str) -> tuple[bytes, str] | None:
        async with self.store.write() as tx:
            row = await tx.get(ForwardRow, happening, populate_existing=True)
            now = self.clock.now()
            if row is None or row.state != "waiting" or row.next_at > now:
                return None
            # Whoever is killed in mid-send has it tried again; nobody else takes it until then.
            row.next_at, row.attempts = now + _pause(row.attempts), row.attempts + 1
            return await self._written(tx, row)

    async def _written(self, tx: Tx, row: ForwardRow) -> tuple[bytes, str] | None:
        said = await tx.get(HappeningRow, row.happening)
        colleague = (await live_project(tx)).people.get(row.recruiter)
        if said is None or not said.evidence or colleague is None or said.candidate is None:
            row.state, row.reason, row.original = "failed", "nobody to send it to" if said else "erased", None
            return None
        person = await candidates.get(tx, said.candidate)
        name = " ".join(part for part in (person.first_name, person.last_name) if part)
        forward = Forward(
            happening=row.happening,
            at=row.recorded_at,
            to=(colleague.name, colleague.email),
            candidate=(name, str(said.evidence.get("from") or person.email or "")),
            subject=str(said.evidence.get("subject") or ""),
            text=str(said.evidence.get("text") or ""),
            answers=str(said.evidence.get("message_id") or ""),
            about=f"{said.step} of {said.enrollment}",
            sure=said.verdict == "human",
            original=row.original,
        )
        domains = (self.mail_domain, self.reply_domain)
        return write_forward(forward, domains=domains, secret=self.secret), colleague.email

    def _settle(self, row: ForwardRow, delivery: Delivery) -> None:
        now = self.clock.now()
        if delivery.status == "accepted":
            row.state, row.sent_at, row.reason, row.original = "sent", now, None, None
        elif delivery.status in ("hard", "block") or now - row.recorded_at > _LONGEST:
            row.state, row.reason, row.original = "failed", delivery.reason[:200] or delivery.status, None
            _LOG.warning("Reply not forwarded", extra={"action": "forward_failed", "happening": row.happening})
        else:
            row.reason = delivery.reason[:200] or delivery.status


def _pause(attempts: int) -> timedelta:
    return _PAUSES[min(attempts, len(_PAUSES) - 1)]
