"""Telling Temporal of erasures: each record in the store gets its workflow, however long Temporal was away."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from rapport.errors import TemporaryFailure
from rapport.store import privacy
from rapport.store.database import Store

log = logging.getLogger(__name__)

# The rows are empty already; an idle look costs one indexed read.
_BETWEEN_LOOKS = timedelta(seconds=1)


class ErasureWorkflows(Protocol):
    """The workflows of erasures; raises when they cannot be reached, and is asked again."""

    async def start(self, request: str) -> None:
        """Begin to finish one; one that is under way counts as begun."""
        ...


class ErasureDispatcher:
    """Brings every erasure to its workflow."""

    def __init__(self, store: Store, workflows: ErasureWorkflows) -> None:
        """Several may share a store: telling twice does no harm."""
        self._store, self._workflows = store, workflows

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`; what cannot be reached now is tried again."""
        while not stop.is_set():
            try:
                await self.turn()
            except (TemporaryFailure, SQLAlchemyError, OSError) as error:
                failure = type(error).__name__
                log.warning("Erasures not readable", extra={"action": "erasures_away", "failure": failure})
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BETWEEN_LOOKS.total_seconds())

    async def turn(self) -> None:
        """Tell everything that is untold."""
        async with self._store.read() as tx:
            requests = await privacy.untold(tx)
        for request in requests:
            if await self._tell(request):
                async with self._store.write() as tx:
                    (await privacy.get(tx, request)).told = True

    async def _tell(self, request: str) -> bool:
        try:
            await self._workflows.start(request)
        except Exception as error:  # noqa: BLE001  # whatever it was, the row stays untold
            extra = {"action": "erasure_not_told", "request": request, "failure": type(error).__name__}
            log.warning("Erasure not told", extra=extra)
            return False
        return True
