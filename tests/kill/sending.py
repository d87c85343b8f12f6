"""One send through the whole desk of an installation, in this process or in one that may be killed."""

import asyncio
import os
import sys

from rapport.clock import SystemClock
from rapport.engine.runtime import Outcome
from rapport.settings import Settings
from rapport.wiring.house import open_house

STEP = "hello"


async def send_once(settings: Settings, enrollment: str) -> Outcome:
    """Open the house, send the first mail of a walk as an activity would, and close the house."""
    clock = SystemClock()
    async with open_house(settings, clock, environ={}) as house:
        return await house.desk.send(enrollment, STEP, at=clock.now())


if __name__ == "__main__":
    asyncio.run(send_once(Settings.from_environ(os.environ), sys.argv[1]))
