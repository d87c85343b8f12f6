"""A sign of life from activities that wait for others, so that a killed worker is noticed in seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

# Under a third of the heartbeat timeout; a call that is over sooner costs nothing at all.
_EVERY_SECONDS = 6


@asynccontextmanager
async def alive() -> AsyncIterator[None]:
    """Beat for as long as the body runs."""
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])


async def _beat() -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        activity.heartbeat()
