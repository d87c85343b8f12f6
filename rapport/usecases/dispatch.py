"""Emptying the outbox: walks are started, told and commanded in the order in which it was filled."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import select

from rapport.clock import Clock
from rapport.engine.happening import Happening
from rapport.engine.state import End
from rapport.errors import RapportError
from rapport.ids import command_id
from rapport.store import deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import OPEN, DeliveryRow
from rapport.usecases.retention import forget_old
from rapport.usecases.steady import Trouble, keep_at
from rapport.usecases.visits import settle_due
from rapport.usecases.walk_end import record_end

log = logging.getLogger(__name__)

Told: TypeAlias = Literal["told", "gone", "later"]
Command: TypeAlias = Literal["cancel", "pause", "resume", "retry", "skip"]
# Hands a parked mail over again, for the nth time since an instant; when to try again, None when that is over.
Resend: TypeAlias = Callable[[int, int, datetime], Awaitable[datetime | None]]

# Of different walks, at a time: enough to keep Temporal busy, little enough to be done within the lease.
_BATCH = 50
# While Temporal takes one batch, the other one is leased or noted.
_SIDE_BY_SIDE = 2
# Happenings that a walk hears in one signal.
_TOGETHER = 50
_PATIENCE = timedelta(seconds=20)
# Longer than the patience and the note behind it, so that nobody else takes what we are still at; and no longer,
# because what a killed dispatcher held waits for so long.
_LEASE = timedelta(seconds=30)
_IDLE = timedelta(seconds=0.5)
_FORGET_EVERY = timedelta(hours=1)
_UNREADABLE = Trouble(said="Outbox not readable", action="outbox_away")
_NOT_FORGOTTEN = Trouble(said="Nothing forgotten", action="store_away")
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)


class Walks(Protocol):
    """The running walks; raises when they cannot be reached, and the message is tried again."""

    async def start(self, walk: Mapping[str, Any]) -> None:
        """Start a walk from the JSON of its input; one that was started before counts as started."""
        ...

    async def tell(self, enrollment: str, happenings: Sequence[Happening]) -> Literal["told", "gone"]:
        """Tell a walk what happened, in this order; `gone` when it is over."""
        ...

    async def command(self, enrollment: str, kind: Command, identity: str, *, at: datetime) -> Told:
        """Command a walk; the same identity applies once. `later` when nobody has confirmed it."""
        ...


@dataclass(frozen=True, slots=True)
class _Parcel:
    """The next message to one walk, and the happenings right behind it."""

    rows: Sequence[DeliveryRow]

    @property
    def head(self) -> DeliveryRow:
        """The message that is leased."""
        return self.rows[0]


class Dispatcher:
    """Brings every message of the outbox to its walk: none is lost, and none overtakes another to the same walk."""

    def __init__(self, store: Store, walks: Walks, clock: Clock, *, resend: Resend | None = None) -> None:
        """Several dispatchers may share a store: rows are leased. Without `resend`, parked mails wait for another."""
        self._store, self._walks, self._clock, self._resend = store, walks, clock, resend
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look into the outbox now; for doors in the same process."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; a store that is away is asked again."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_SIDE_BY_SIDE):
                tasks.create_task(self._keep_delivering(stop))
            tasks.create_task(self._keep_forgetting(stop))

    async def _keep_forgetting(self, stop: asyncio.Event) -> None:
        """Drop what is no longer needed, such as who followed our links, hour by hour."""

        async def forget() -> int:
            await forget_old(self._store, self._clock)
            return 0

        await keep_at(forget, stop, log=log, trouble=_NOT_FORGOTTEN, every=_FORGET_EVERY)

    async def _keep_delivering(self, stop: asyncio.Event) -> None:
        await keep_at(self.turn, stop, log=log, trouble=_UNREADABLE, every=_IDLE, woken=self._woken)

    async def drain(self) -> int:
        """Deliver until nothing is due any more; how many messages were tried."""
        tried = 0
        while True:
            count = await self.turn()
            if not count:
                return tried
            tried += count

    async def turn(self) -> int:
        """Deliver one batch, and judge the visits whose time has come; how many there were of both."""
        judged = await settle_due(self._store, self._clock)
        parcels = await self._lease()
        if not parcels:
            return judged
        answers = await asyncio.gather(*(self._deliver(parcel) for parcel in parcels))
        async with self._store.write() as tx:
            await self._note(tx, list(zip(parcels, answers, strict=True)))
        return judged + sum(len(parcel.rows) for parcel in parcels)

    async def _lease(self) -> list[_Parcel]:
        async with self._store.read() as tx:
            if not await deliveries.depth(tx):  # an idle outbox must not cost a writing transaction
                return []
        async with self._store.write() as tx:
            heads = await deliveries.lease(tx, limit=_BATCH, now=self._clock.now(), lease=_LEASE)
            return [_Parcel([head, *await _behind(tx, head)]) for head in heads]

    async def _deliver(self, parcel: _Parcel) -> Told | datetime:
        head = parcel.head
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                return await self._hand_over(parcel)
        except Exception as error:  # noqa: BLE001  # whatever it was, the message must stay in the outbox
            kind = error.__class__.__name__
            level = logging.WARNING if isinstance(error, RapportError | TimeoutError) else logging.ERROR
            log.log(
                level,
                "Walk not reached",
                extra={"action": "delivery_failed", "enrollment": head.enrollment, "kind": head.kind, "failure": kind},
            )
            return "later"

    async def _hand_over(self, parcel: _Parcel) -> Told | datetime:
        """Bring it to the walk; an instant says when to try again."""
        head = parcel.head
        match head.kind:
            case "start":
                await self._walks.start(head.payload)
                return "told"
            case "happening":
                heard = [Happening.from_json(row.payload) for row in parcel.rows]
                return await self._walks.tell(head.enrollment, heard)
            case "resend" if self._resend is not None:
                return await self._resend(int(head.payload["send"]), head.attempts, head.created_at) or "told"
            case "resend":
                return "later"
            case "cancel" | "pause" | "resume" | "retry" | "skip" as kind:
                identity = command_id(head.enrollment, head.id)
                told = await self._walks.command(head.enrollment, kind, identity, at=head.at)
                if (told, kind) == ("gone", "cancel"):
                    await self._end_here(head)
                return told
            case _:
                message = f"the outbox holds {head.kind!r}, which this release does not know; run a newer one"
                raise ValueError(message)

    async def _end_here(self, cancel: DeliveryRow) -> None:
        """Nobody walks who could obey: over long ago, or lost."""
        async with self._store.write() as tx:
            walk = await enrollments.get(tx, cancel.enrollment)
            await record_end(tx, self._clock, walk, End("cancelled", cancel.at), ())

    async def _note(self, tx: Tx, answered: Sequence[tuple[_Parcel, Told | datetime]]) -> None:
        """Two statements for all that arrived: a campaign's starts come by the thousand."""
        now = self._clock.now()
        for parcel, answer in answered:
            if answer == "later" or isinstance(answer, datetime):
                pause = answer - now if isinstance(answer, datetime) else _pause(parcel.head.attempts)
                await deliveries.give_back(tx, parcel.head.id, now=now, backoff=pause)
        arrived = [parcel for parcel, answer in answered if answer in ("told", "gone")]
        await deliveries.all_done(tx, [row.id for parcel in arrived for row in parcel.rows], now=now)
        started = [parcel.head.enrollment for parcel in arrived if parcel.head.kind == "start"]
        await enrollments.begin_all(tx, started)


async def _behind(tx: Tx, head: DeliveryRow) -> Sequence[DeliveryRow]:
    """The happenings that follow directly: nobody else can take them while the head is leased."""
    if head.kind != "happening":
        return ()
    query = (
        select(DeliveryRow)
        .where(DeliveryRow.enrollment == head.enrollment, DeliveryRow.id > head.id)
        .where(DeliveryRow.state.in_(OPEN))
        .order_by(DeliveryRow.id)
        .limit(_TOGETHER - 1)
    )
    following: list[DeliveryRow] = []
    for row in await tx.scalars(query):
        if row.kind != "happening":
            break
        following.append(row)
    return following


def _pause(attempts: int) -> timedelta:
    return min(_FIRST_PAUSE * float(1 << min(attempts - 1, 10)), _LONGEST_PAUSE)
