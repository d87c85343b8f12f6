"""Telling Temporal of bulk enrollments: what the store says is told until it has been heard."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Literal, Protocol

from sqlalchemy.exc import SQLAlchemyError

from rapport.errors import TemporaryFailure
from rapport.ports import BulkDesk
from rapport.store import bulks
from rapport.store.database import Store
from rapport.store.tables.bulk import BulkRow

log = logging.getLogger(__name__)

# Whoever asks for thousands of people does not mind a second; an idle look costs one indexed read.
_BETWEEN_LOOKS = timedelta(seconds=1)


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

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`; what cannot be reached now is tried again."""
        while not stop.is_set():
            try:
                await self.turn()
            except (TemporaryFailure, SQLAlchemyError, OSError) as error:
                failure = type(error).__name__
                log.warning("Bulk enrollments not readable", extra={"action": "bulk_away", "failure": failure})
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BETWEEN_LOOKS.total_seconds())

    async def turn(self) -> None:
        """Tell everything that is untold."""
        async with self._store.read() as tx:
            rows = await bulks.untold(tx)
        for row in rows:
            if await self._tell(row):
                async with self._store.write() as tx:
                    await bulks.told(tx, row)

    async def _tell(self, row: BulkRow) -> bool:
        try:
            if row.state != "cancelling":
                await self._workflows.start(row.id, sequence=row.sequence, per_minute=row.per_minute)
            elif await self._workflows.stir(row.id) == "gone":
                await self._desk.enroll_page(row.id, up_to=0)
        except Exception as error:  # noqa: BLE001  # whatever it was, the row stays untold
            extra = {"action": "bulk_not_told", "bulk": row.id, "failure": type(error).__name__}
            log.warning("Bulk enrollment not told", extra=extra)
            return False
        return True
