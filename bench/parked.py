"""What a walk costs while it waits: bytes in the server's database and memory of the worker, beside a hand-written one.

The number of walks is RAPPORT_BENCH_PARKED (300). Each side has a server and a worker of its own.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from bench.cast import enrollment_of, shipped
from bench.rows import Row, hand_over
from bench.sides import SIDES, Name, side_of, working
from rapport.clock import SystemClock
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from worker import run
from worker.dev_server import DevServerOptions, dev_server
from worker.exit import end_process
from workflows.converter import walk_data_converter

# A run of `make bench` has six minutes for all; 5,000 take as long for themselves.
_WALKS = int(os.environ.get("RAPPORT_BENCH_PARKED", "300"))
_AT_ONCE = 50
_WARM_UP = 20
_LOOK_SECONDS = 0.2
_SIDE = "--side"


class _Constant:
    """A desk that keeps nothing, so that all memory is the engine's: every mail goes, every wait is a week."""

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        del enrollment, step, since, at
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
    # All of them stay in memory, or their memory could not be seen.
    run._CACHED_WALKS = max(run._CACHED_WALKS, _WARM_UP + _WALKS)  # noqa: SLF001
    database = folder / "temporal.db"
    options = DevServerOptions(log_file=folder / "temporal.log", db_file=database)
    async with dev_server(options) as server:
        client = await Client.connect(server.address, data_converter=walk_data_converter)
        side = side_of(name, client, shipped())
        async with working(name, client, _Constant()):
            numbers = iter(range(_WARM_UP + _WALKS))

            async def start(some: int) -> None:
                for _ in range(some):
                    await side.start(enrollment_of(name, "silent", next(numbers)))

            await start(_WARM_UP)
            await _all_wait(client, _WARM_UP)
            memory, size = _memory(), _size(database)
            await asyncio.gather(*(start(_WALKS // _AT_ONCE) for _ in range(_AT_ONCE)))
            await _all_wait(client, _WARM_UP + _WALKS // _AT_ONCE * _AT_ONCE)
            parked = _WALKS // _AT_ONCE * _AT_ONCE
            held = {"memory": (_memory() - memory) / parked, "walks": parked}
            return {**held, "server": (_size(database) - size) / parked}


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
        found[name] = json.loads(output.splitlines()[-1])
    ours, hand = found["ours"], found["hand"]
    print(found)
    return [
        Row(name="parked walks", value=ours["walks"], unit="walks", baseline=hand["walks"]),
        Row(name="server bytes per parked walk", value=ours["server"], unit="bytes", baseline=hand["server"]),
        Row(name="worker memory per parked walk", value=ours["memory"], unit="bytes", baseline=hand["memory"]),
    ]


def _park_alone(name: Name) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(_park(name, Path(folder)))))


if __name__ == "__main__":
    if _SIDE in sys.argv:
        _park_alone("ours" if sys.argv[-1] == "ours" else "hand")
    else:
        hand_over(sys.argv, asyncio.run(_measure()))
    end_process(0)
