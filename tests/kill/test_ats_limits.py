"""Two processes of the operating system that call one ATS never call more often than it allows, and pause together."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rapport.ats.demo.limits import Window
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.store.migrate import migrate
from tests.ats_fakes.demo import Steered
from tests.ats_fakes.faults import Faulty
from tests.kill.ats_calling import VENDOR
from tests.kill.processes import ROOT, put_down

# Fewer than Workable documents: only its headers say so, and either process alone wants more.
_CALLS, _MORE = 6, 10
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that calls when it is told to."""

    process: asyncio.subprocess.Process

    async def calls(self, connection: str, times: int = 1) -> tuple[int, int]:
        """How many calls it has made, and for how many seconds the next one has to wait."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{connection} {times}\n".encode())
        said = await asyncio.wait_for(self.process.stdout.readline(), _PATIENCE_SECONDS)
        made, pause = said.split()
        return int(made), int(pause)


@asynccontextmanager
async def a_caller(database: str, address: str) -> AsyncIterator[Caller]:
    """A process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kill.ats_calling", database, address),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Caller(process)
    finally:
        await put_down(process)


def _a_long_window() -> Window:
    """One of less than an hour that does not end amid the test."""
    now = SystemClock().now().timestamp()
    seconds = next(each for each in range(3000, 3600, 100) if now % each < each - 2 * _PATIENCE_SECONDS)
    return Window(calls=_CALLS, seconds=seconds, now=SystemClock().now)


async def test_two_processes_together_stay_within_what_the_ats_allows(tmp_path: Path) -> None:
    """What headers say is left, a pause with a length and one without: one hears it, and the other one keeps to it."""
    database = f"sqlite+aiosqlite:///{tmp_path / 'gate.db'}"
    await migrate(database)
    fake = Steered(speaks=VENDOR)
    window = fake.workable.window = _a_long_window()
    faults = Faulty(fake.app())
    async with (
        served(faults) as address,
        a_caller(database, address) as one,
        a_caller(database, address) as two,
    ):
        both = await asyncio.gather(one.calls("main", _MORE), two.calls("main", _MORE))
        [counted] = window.counted.values()
        assert 0 == window.refused
        assert 0 < counted == sum(made for made, _ in both) <= _CALLS
        assert [True, True] == [pause > _PATIENCE_SECONDS for _, pause in both]
        for connection, fault, pause in (("a", "429 long", 600), ("b", "429 bare", 60)):
            faults.script.append(fault)
            asked = len(faults.log)
            assert (0, pause) == await one.calls(connection)
            made, wait = await two.calls(connection)
            assert (0, asked + 1) == (made, len(faults.log))
            assert pause - _PATIENCE_SECONDS < wait <= pause
