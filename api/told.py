"""Whether a walk has heard what was put into the outbox for it."""

import asyncio
from datetime import timedelta

from rapport.store import deliveries
from rapport.store.away import StoreAway
from rapport.store.database import Store

PATIENCE = timedelta(seconds=2)  # a caller waits no longer; the outbox delivers whenever it can
_LOOK_EVERY = timedelta(milliseconds=50)  # twice as fast as a dispatcher usually is


async def has_heard(store: Store, enrollment: str, *, within: timedelta = PATIENCE) -> bool:
    """Wait until nothing is on its way to this walk; False when that takes too long, or nobody can tell."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            # Another process delivers: the store is where it tells us.
            while await _waiting(store, enrollment):  # noqa: ASYNC110  # there is no event to wait for
                await asyncio.sleep(_LOOK_EVERY.total_seconds())
    except (TimeoutError, StoreAway):
        # What was asked is stored, and an error would say the opposite.
        return False
    return True


async def _waiting(store: Store, enrollment: str) -> bool:
    async with store.read() as tx:
        return bool(await deliveries.undispatched(tx, enrollment=enrollment))
