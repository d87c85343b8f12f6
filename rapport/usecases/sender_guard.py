"""The guard of a sender's good name: too many complaints or bad addresses in a day stop all of their mails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select

from rapport.clock import Clock
from rapport.engine.limits import GUARDED, is_harmed, is_near_harm
from rapport.errors import NotFound, Refused
from rapport.ids import send_id
from rapport.store import enrollments, sends
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.mails import SenderHarmRow, SenderStopRow, SendRow
from rapport.usecases import todo
from rapport.usecases.incoming import Incoming
from rapport.usecases.shelf import live_project, version_of

_WORDS = {"complained": "complaints", "bounced": "addresses that do not exist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """A sender of whom too many people complained in a day, and who goes on."""

    sender: str = field(repr=False)
    complaints: int
    mails: int

    @property
    def share(self) -> Fraction:
        """Complaints per mail; at most 1."""
        return Fraction(self.complaints, max(self.mails, self.complaints))

    def __str__(self) -> str:
        """Say it in words."""
        rate = f"{float(100 * self.share):.2f} %"
        return f"{self.sender}: {self.complaints} complaints among {self.mails} mails in a day ({rate})"


async def watch(tx: Tx, clock: Clock, incoming: Incoming) -> None:
    """Count a complaint or a hard bounce against its sender, and stop the sender when that is too much.

    The owner of the sequence gets a task. Only a person lets the sender go on.
    """
    number = _send_of(incoming)
    if incoming.kind not in _WORDS or not incoming.moves_walks or number is None:
        return
    send = await sends.find(tx, number)
    if send is None or send.sender is None:
        return
    now = clock.now()
    if not await insert_once(tx, SenderHarmRow(send=send.id, kind=incoming.kind, sender=send.sender, at=now)):
        return
    policy = (await live_project(tx)).contact_policy
    stop = await tx.get(SenderStopRow, send.sender, populate_existing=True)
    if not policy.stop_sender_at or (stop is not None and stop.resumed_at is None):
        return
    mails, harm = await _counted(tx, send.sender, incoming.kind, _counts_from(now - GUARDED, stop))
    if is_harmed(policy, incoming.kind, harm=harm, mails=mails):
        await _stop(tx, send, incoming, now, mails=mails, harm=harm)


async def stopped(tx: Tx) -> Sequence[SenderStopRow]:
    """The senders that are stopped, the one for longest first."""
    query = select(SenderStopRow).where(SenderStopRow.resumed_at.is_(None))
    return (await tx.scalars(query.order_by(SenderStopRow.stopped_at, SenderStopRow.sender))).all()


async def at_risk(tx: Tx, clock: Clock) -> Sequence[AtRisk]:
    """The senders with too many complaints in the last 24 hours that are not stopped, the worst first."""
    since = clock.now() - GUARDED
    recent = select(SenderHarmRow.sender).where(SenderHarmRow.kind == "complained", SenderHarmRow.at >= since)
    found = []
    for sender in (await tx.scalars(recent.distinct().order_by(SenderHarmRow.sender))).all():
        stop = await tx.get(SenderStopRow, sender, populate_existing=True)
        if stop is not None and stop.resumed_at is None:
            continue
        mails, complaints = await _counted(tx, sender, "complained", _counts_from(since, stop))
        if is_near_harm(complaints=complaints, mails=mails):
            found.append(AtRisk(sender=sender, complaints=complaints, mails=mails))
    return sorted(found, key=lambda one: (-one.share, one.sender))


async def resume(tx: Tx, clock: Clock, sender: str, *, by: str) -> SenderStopRow:
    """Let a stopped sender go on; what has happened so far counts no more.

    NotFound for a sender that was never stopped, Refused (`not_stopped`) for one that has gone on already.
    """
    row = await tx.get(SenderStopRow, sender.lower(), populate_existing=True)
    if row is None:
        raise NotFound(kind="stopped sender", name=sender, hint="List those that are stopped: `rapport senders`.")
    if row.resumed_at is not None:
        raise Refused(reason="not_stopped", message=f"{row.sender} is not stopped.", hint="Nothing needs to be done.")
    row.resumed_at, row.resumed_by = clock.now(), by
    await tx.flush()
    return row


def _counts_from(since: datetime, stop: SenderStopRow | None) -> datetime:
    return max(since, stop.resumed_at) if stop is not None and stop.resumed_at is not None else since


def _send_of(incoming: Incoming) -> int | None:
    if incoming.send is None and incoming.enrollment is not None and incoming.step is not None:
        return send_id(incoming.enrollment, incoming.step)
    return incoming.send


async def _counted(tx: Tx, sender: str, kind: str, since: datetime) -> tuple[int, int]:
    tried = select(func.count()).where(SendRow.sender == sender, SendRow.recorded_at >= since, SendRow.attempts > 0)
    harm = select(func.count()).where(
        SenderHarmRow.sender == sender, SenderHarmRow.kind == kind, SenderHarmRow.at >= since
    )
    return await tx.scalar(tried) or 0, await tx.scalar(harm) or 0


async def _stop(tx: Tx, send: SendRow, incoming: Incoming, now: datetime, *, mails: int, harm: int) -> None:
    sender = str(send.sender)
    reason = f"{harm} {_WORDS[incoming.kind]} among {mails} mails in a day"
    row = SenderStopRow(sender=sender, reason=reason, mails=mails, harm=harm, stopped_at=now)
    if not await insert_once(tx, row):
        known = await tx.get_one(SenderStopRow, sender, populate_existing=True)
        known.reason, known.mails, known.harm, known.stopped_at = reason, mails, harm, now
        known.resumed_at = known.resumed_by = None
        await tx.flush()
    await _ask_owner(
        tx,
        send,
        incoming.at,
        now,
        f"{sender} is stopped: {reason}. Its mails wait until somebody says: `rapport senders resume {sender}`",
    )


async def _ask_owner(tx: Tx, send: SendRow, at: datetime, now: datetime, title: str) -> None:
    walk = await enrollments.get(tx, send.enrollment)
    owner = (await version_of(tx, walk.sequence, walk.version)).owner
    asked = todo.Asked(
        key=todo.step_key(send.enrollment, send.step),
        assignee=owner,
        title=title,
        at=at,
        candidate=walk.candidate,
        enrollment=send.enrollment,
        step=send.step,
    )
    await todo.ask_again(tx, asked, now=now)
