"""Telling Temporal of bulk enrollments: what the store says is told until it has been heard."""

import asyncio
import logging
from datetime import timedelta
from typing import Literal, Protocol

from rapport.ports import BulkDesk
from rapport.store import bulks
from rapport.store.database import Store
from rapport.store.tables.bulk import BulkRow
from rapport.usecases.steady import Trouble, keep_at, tell_each

log = logging.getLogger(__name__)

# Whoever asks for thousands of people does not mind a second; an idle look costs one indexed read.
_BETWEEN_LOOKS = timedelta(seconds=1)
_UNREADABLE = Trouble(said="Bulk enrollments not readable", action="bulk_away")
_NOT_TOLD = Trouble(said="Bulk enrollment not told", action="bulk_not_told")


class BulkWorkflows(Protocol):
    """The workflows of bulk enrollments; raises when they cannot be reached, and is asked again."""

    async def start(self, bulk: str, *, sequence: str, per_minute: int) -> None:
        """Begin to work off the list; one that is being worked off counts as begun."""
        ...

    async def stir(self, bulk: str) -> Literal["told", "gone"]:
        """Let it look at the store now; `gone` when nobody works it off."""
        ...


class BulkDispatcher:
    """Brings every bulk enrollment that was begun or cancelled to its workflow."""

    def __init__(self, store: Store, workflows: BulkWorkflows, desk: BulkDesk) -> None:
        """Several may share a store: telling twice does no harm."""
        self._store, self._workflows, self._desk = store, workflows, desk
        # At first everything: a Temporal whose database was lost or restored knows nothing of what it was told.
        self._look = bulks.unfinished

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`; what cannot be reached now is tried again."""
        await keep_at(self.turn, stop, log=log, trouble=_UNREADABLE, every=_BETWEEN_LOOKS)

    async def turn(self) -> int:
        """Tell everything that is untold, the first time everything that is under way; how many have heard."""
        async with self._store.read() as tx:
            rows = await self._look(tx)

        def named(row: BulkRow) -> dict[str, str]:
            return {"bulk": row.id}

        told = await tell_each(rows, self._tell, self._heard, log=log, trouble=_NOT_TOLD, ids=named)
        if told == len(rows):
            self._look = bulks.untold
        return told

    async def _tell(self, row: BulkRow) -> None:
        if row.state != "cancelling":
            await self._workflows.start(row.id, sequence=row.sequence, per_minute=row.per_minute)
        elif await self._workflows.stir(row.id) == "gone":
            await self._desk.enroll_page(row.id, up_to=0)

    async def _heard(self, row: BulkRow) -> None:
        async with self._store.write() as tx:
            await bulks.told(tx, row)
