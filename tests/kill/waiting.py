"""Waiting for what other processes do to the store."""

import asyncio
from collections.abc import Awaitable, Callable

from rapport.store import deliveries
from rapport.store.database import Store, Tx
from tests.kill.house import LOOK_EVERY

# A dead worker's heartbeat of 20 s, a restart of Temporal, and two busy cores.
PATIENCE_SECONDS = 120


async def until(store: Store, there: Callable[[Tx], Awaitable[bool]], *, look_every: float = LOOK_EVERY) -> None:
    """Wait until something is so; other processes work, and there is no event to wait for."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with store.read() as tx:
                if await there(tx):
                    return
            await asyncio.sleep(look_every)


async def nothing_waits(tx: Tx) -> bool:
    """Whether the outbox is empty."""
    return not await deliveries.depth(tx)
