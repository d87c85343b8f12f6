"""What a worker does at an ATS, in a process that may be killed: errands until none is due, or a whole poll."""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.wiring.ats import ats_work
from rapport.wiring.house import open_house


@dataclass(frozen=True, slots=True)
class Ahead:
    """A clock that is ahead: nobody waits two minutes for a lease to run out."""

    by: timedelta

    def now(self) -> datetime:
        """Later."""
        return SystemClock().now() + self.by

    def walk_time(self, candidate: str) -> datetime:
        """Later for everybody."""
        del candidate
        return self.now()


async def work(settings: Settings, what: str, minutes: int) -> None:
    """Poll to the end, if that is wanted, and do what is due."""
    async with open_house(settings, Ahead(timedelta(minutes=minutes)), environ={}) as house:
        ats = ats_work(house)
        while what == "poll" and (await ats.desk.poll_page("main")).more:
            pass
        await ats.errands.drain()


if __name__ == "__main__":
    asyncio.run(work(Settings.from_environ(os.environ), sys.argv[1], int(sys.argv[2])))
