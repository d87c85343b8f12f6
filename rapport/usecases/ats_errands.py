"""Errands to an ATS: stored at the door, and done by whoever holds the lease, until they are done."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from rapport.crm.hiring import AtsHint, HintKind
from rapport.errors import ConfigurationError, RapportError, TemporaryFailure
from rapport.store import ats_errands
from rapport.store.database import Tx
from rapport.store.tables.ats import AtsErrandRow
from rapport.usecases.ats_notes import HISTORY_NOTE, HistoryNotes
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.steady import Trouble, keep_at

log = logging.getLogger(__name__)

# One after the other: a lease must not run out while its errand waits for others, or a note is written by two at once.
_BATCH = 1
# An errand makes a handful of calls of at most 15 s each; what a killed worker held waits for so long.
_PATIENCE = timedelta(seconds=90)
_LEASE = timedelta(minutes=2)
_BETWEEN_LOOKS = timedelta(seconds=1)
_UNREADABLE = Trouble(said="Errands not readable", action="errands_away")
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=10)
# An id of ours has at most 200 characters, with the name of the connection before it.
_LONGEST_ID = 120


async def keep_hints(tx: Tx, connection: str, hints: Sequence[AtsHint], *, now: datetime) -> int:
    """Store what a webhook claims; how many of the hints are new. A delivery that comes again adds nothing."""
    rows = [_errand(connection, hint, now) for hint in hints if hint.kind != "nothing"]
    usable = [row for row in rows if 0 < len(row.subject) <= _LONGEST_ID]
    return sum([await ats_errands.put(tx, row) for row in usable])


def _errand(connection: str, hint: AtsHint, now: datetime) -> AtsErrandRow:
    return AtsErrandRow(
        connection=connection,
        key=hashlib.sha256(hint.key.encode()).hexdigest(),
        kind=hint.kind,
        subject=hint.id or hint.person or "",
        person=_id(hint.person),
        new_id=_id(hint.new_id),
        created_at=now,
    )


def _id(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST_ID else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsErrands:
    """Does errands, several workers beside each other; one that fails is tried again, and none is given up."""

    sync: AtsSync
    notes: HistoryNotes

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; a store that is away is asked again."""
        await keep_at(self.turn, stop, log=log, trouble=_UNREADABLE, every=_BETWEEN_LOOKS)

    async def drain(self) -> int:
        """Work until nothing is due; how many errands were tried."""
        tried = 0
        while count := await self.turn():
            tried += count
        return tried

    async def turn(self) -> int:
        """Do some errands; how many there were."""
        store, clock = self.sync.store, self.sync.clock
        async with store.read() as tx:
            if not (await ats_errands.waiting(tx))[0]:  # an idle look must not cost a writing transaction
                return 0
        async with store.write() as tx:
            rows = await ats_errands.lease(tx, limit=_BATCH, now=clock.now(), lease=_LEASE)
        for row in rows:
            await self._do(row)
        return len(rows)

    async def _do(self, row: AtsErrandRow) -> None:
        store, clock = self.sync.store, self.sync.clock
        try:
            async with asyncio.timeout(_PATIENCE.total_seconds()):
                await self._go(row)
        except Exception as error:  # noqa: BLE001  # whatever it was, the errand must not be lost
            await self._postpone(row, error)
            return
        async with store.write() as tx:
            await ats_errands.done(tx, row.id, now=clock.now())

    async def _go(self, row: AtsErrandRow) -> None:
        if row.kind == HISTORY_NOTE:
            await self.notes.write(row.connection, person=row.subject)
            return
        hint = AtsHint(
            key=row.key, kind=cast("HintKind", row.kind), id=row.subject, person=row.person, new_id=row.new_id
        )
        await self.sync.follow(row.connection, hint)

    async def _postpone(self, row: AtsErrandRow, error: Exception) -> None:
        kind = type(error).__name__
        level = logging.WARNING if isinstance(error, RapportError | TimeoutError) else logging.ERROR
        log.log(level, "Errand failed", extra={"action": "errand_failed", "errand": row.id, "failure": kind})
        until = self.sync.clock.now() + _pause(row.attempts, error)
        async with self.sync.store.write() as tx:
            await ats_errands.give_back(tx, row.id, until=until, trouble=kind)


def _pause(attempts: int, error: Exception) -> timedelta:
    """As long as the other side asks; a setting is not repaired within seconds."""
    asked = error.pause if isinstance(error, TemporaryFailure) else None
    if isinstance(error, ConfigurationError):
        return _LONGEST_PAUSE
    return asked or min(_FIRST_PAUSE * float(1 << min(attempts - 1, 10)), _LONGEST_PAUSE)
