"""Telling Temporal of erasures: each record in the store gets its workflow, however long Temporal was away."""

import asyncio
import logging
from datetime import timedelta
from typing import Protocol

from rapport.store import privacy
from rapport.store.database import Store
from rapport.usecases.steady import Trouble, keep_at, tell_each

log = logging.getLogger(__name__)

# The rows are empty already; an idle look costs one indexed read.
_BETWEEN_LOOKS = timedelta(seconds=1)
_UNREADABLE = Trouble(said="Erasures not readable", action="erasures_away")
_NOT_TOLD = Trouble(said="Erasure not told", action="erasure_not_told")


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
        # At first everything: a Temporal whose database was lost or restored knows nothing of what it was told.
        self._look = privacy.unfinished

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop`; what cannot be reached now is tried again."""
        await keep_at(self.turn, stop, log=log, trouble=_UNREADABLE, every=_BETWEEN_LOOKS)

    async def turn(self) -> int:
        """Tell everything that is untold, the first time everything that is under way; how many have heard."""
        async with self._store.read() as tx:
            requests = await self._look(tx)

        def named(request: str) -> dict[str, str]:
            return {"request": request}

        told = await tell_each(requests, self._workflows.start, self._heard, log=log, trouble=_NOT_TOLD, ids=named)
        if told == len(requests):
            self._look = privacy.untold
        return told

    async def _heard(self, request: str) -> None:
        async with self._store.write() as tx:
            (await privacy.get(tx, request)).told = True
