"""What a walk costs while it waits: bytes in the server's database and memory of the worker, beside a hand-written one.

RAPPORT_BENCH_PARKED says how many (300). Each side has a server and a worker of its own, whose cache holds
all of them: memory per walk is that of a walk that is in memory.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from temporalio.client import Client

from bench.cast import enrollment_of, shipped
from bench.rows import Row, hand_over
from bench.sides import SIDES, Name, Side, side_of, working
from rapport.clock import SystemClock
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from worker import run
from worker.dev_server import DevServerOptions, dev_server
from worker.exit import end_process
from workflows.converter import walk_data_converter

_WALKS = int(os.environ.get("RAPPORT_BENCH_PARKED", "300"))
# Starting outruns walking. A backlog of thousands times out and is done again, so a walk begins when one is parked.
_AT_ONCE = 20
_WARM_UP = 20
# Counting searches the same database that walks are written to.
_LOOK_SECONDS = 1.0
_SIDE = "--side"
# The server waits for the disk several times a walk, which is most of the time where a disk is slow or shared; sizes
# are the same in memory. None is the usual place.
_MEMORY = next((place for place in ("/dev/shm",) if os.access(place, os.W_OK)), None)  # noqa: S108  # it is made within


class _Constant:
    """A desk that keeps nothing, so that all memory is the engine's: every mail goes, every wait is a week."""

    def __init__(self) -> None:
        self._waits: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def parking(self, enrollment: str) -> AsyncIterator[None]:
        """Come to an end when the walk that is started within has asked how long to wait."""
        asked = self._waits[enrollment] = asyncio.Event()
        yield
        await asked.wait()
        del self._waits[enrollment]

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        del step, since, at
        if enrollment in self._waits:
            self._waits[enrollment].set()
        return Due(at=SystemClock().now() + timedelta(days=7))

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        del enrollment, step, at
        return True

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        del enrollment, step, at
        return Gate(verdict="go")

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        del enrollment, at
        return Gate(verdict="go")

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        del enrollment, step, since, at
        return ()

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        del enrollment, step, at
        return Outcome(status="done")

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        del enrollment, steps, at
        return Outcome(status="done")

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> None: ...

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> None: ...


async def _park(name: Name, folder: Path) -> dict[str, float]:
    """Park walks of one side in this process; bytes per walk."""
    database = folder / "temporal.db"
    options = DevServerOptions(log_file=folder / "temporal.log", db_file=database)
    run._CACHED_WALKS = _WARM_UP + _WALKS  # noqa: SLF001  # both sides read it
    async with dev_server(options) as server:
        client = await Client.connect(server.address, data_converter=walk_data_converter)
        side, desk = side_of(name, client, shipped()), _Constant()
        async with working(name, client, desk):
            names = [enrollment_of(name, "silent", number) for number in range(_WARM_UP + _WALKS)]
            await _start(side, desk, names[:_WARM_UP])
            await _all_wait(client, _WARM_UP)
            memory, size, began = _memory(), _size(database), perf_counter()
            await _start(side, desk, names[_WARM_UP:])
            await _all_wait(client, len(names))
            return {
                "walks": _WALKS,
                "memory": (_memory() - memory) / _WALKS,
                "server": (_size(database) - size) / _WALKS,
                "seconds": perf_counter() - began,
            }


async def _start(side: Side, desk: _Constant, names: Sequence[str]) -> None:
    """Start a walk when another one has come to its wait."""
    left = iter(names)

    async def one_after_another() -> None:
        for name in left:
            async with desk.parking(name):
                await side.start(name)

    await asyncio.gather(*(one_after_another() for _ in range(_AT_ONCE)))


async def _all_wait(client: Client, number: int) -> None:
    while (await client.count_workflows("RapportState = 'waiting'")).count < number:  # noqa: ASYNC110  # lists only answer
        await asyncio.sleep(_LOOK_SECONDS)


def _memory() -> float:
    """The resident memory of this process, in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _size(database: Path) -> int:
    """The file and what is still in its log."""
    return sum(file.stat().st_size for file in database.parent.glob(f"{database.name}*"))


async def _measure() -> Sequence[Row]:
    found = {}
    for name in SIDES:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.parked", _SIDE, name), stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        if process.returncode:
            raise AssertionError(name, process.returncode)
        found[name] = json.loads(output.splitlines()[-1])
    ours, hand = found["ours"], found["hand"]
    print(found)
    return [
        Row(name="parked walks", value=ours["walks"], unit="walks", baseline=hand["walks"]),
        Row(name="server bytes per parked walk", value=ours["server"], unit="bytes", baseline=hand["server"]),
        Row(name="worker memory per parked walk", value=ours["memory"], unit="bytes", baseline=hand["memory"]),
    ]


def _park_alone(name: Name) -> None:
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        print(json.dumps(asyncio.run(_park(name, Path(folder)))))


if __name__ == "__main__":
    if _SIDE in sys.argv:
        _park_alone("ours" if sys.argv[-1] == "ours" else "hand")
    else:
        hand_over(sys.argv, asyncio.run(_measure()))
    end_process(0)
