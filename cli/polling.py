"""Sees to it that every ATS of the project that is live is polled, and no other one."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from rapport.errors import ConfigurationError, NotFound
from rapport.ports import AtsVendors
from rapport.store.database import Store
from rapport.usecases.shelf import live_project
from rapport.usecases.steady import Trouble, keep_at
from workflows.ats_schedules import poll_regularly
from workflows.queues import WALKS

log = logging.getLogger(__name__)

# Somebody who has published a new connection waits for its first poll.
_LOOK_EVERY = timedelta(minutes=1)
_NOT_SCHEDULED = Trouble(said="Polls not scheduled", action="polls_not_scheduled")


@dataclass(frozen=True, kw_only=True)
class PollKeeper:
    """Keeps the schedules as project.yaml has the connections; several may do so beside each other."""

    store: Store
    vendors: AtsVendors
    client: Client
    every: timedelta
    queue: str = WALKS

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`; what cannot be reached now is looked at again."""
        kept: set[str] | None = None

        async def look() -> int:
            nonlocal kept
            wanted = await self.connections()
            if wanted != kept:
                await poll_regularly(self.client, wanted, every=self.every, queue=self.queue)
                kept = wanted
            return 0

        await keep_at(look, stop, log=log, trouble=_NOT_SCHEDULED, every=_LOOK_EVERY, away=(RPCError,))

    async def connections(self) -> set[str]:
        """The connections that can be opened; `rapport doctor` tells of the others."""
        async with self.store.read() as tx:
            try:
                names = set((await live_project(tx)).ats)
            except NotFound:  # nothing is published yet
                return set()
        return {name for name in names if await self._opens(name)}

    async def _opens(self, name: str) -> bool:
        try:
            await self.vendors.of(name)
        except (ConfigurationError, NotFound):
            return False
        return True
