"""Child processes that are kept alive: a dead one is started again, later each time, and it is said."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

Say: TypeAlias = Callable[[str], None]
# Lives once, from start to death, and returns the exit code; sets the event when it is up.
Life: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, int]]

_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=30)
_LONG_LIFE = timedelta(minutes=1)  # who lived that long died of something new
_ROOT = Path(__file__).parents[1]


@dataclass(slots=True, kw_only=True)
class Child:
    """One process that is to run all the time."""

    name: str
    life: Life
    say: Say
    up: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep it running."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let it end, and wait until it has."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
        while True:
            began = loop.time()
            ended = await self._live()
            if loop.time() - began > _LONG_LIFE.total_seconds():
                pause = _FIRST_PAUSE
            self.say(f"{self.name} {ended}; it starts again in {pause.total_seconds():.0f} s.")
            await asyncio.sleep(pause.total_seconds())
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _live(self) -> str:
        try:
            return f"ended with {await self.life(self.up)}"
        except Exception as error:  # noqa: BLE001  # whatever kept it from starting, the next try may work
            return f"did not start: {error}"


def rapport_command(*arguments: str) -> list[str]:
    """The command line of one of our own commands, in this very Python."""
    return [sys.executable, "-P", "-c", "from cli.main import run; run()", *arguments]


async def live_as(
    command: Sequence[str], up: asyncio.Event, *, log: Path, environment: Mapping[str, str], grace: timedelta
) -> int:
    """Run a command until it ends; when we are cancelled, ask it to stop and wait for `grace` before killing it.

    While it runs, its process id is in a file beside its log.
    """
    path = os.pathsep.join(filter(None, [str(_ROOT), environment.get("PYTHONPATH", "")]))
    with log.open("ab") as words:
        # A session of its own: Ctrl-C reaches us alone, and we stop things in their order.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={**environment, "PYTHONPATH": path},
            start_new_session=True,
        )
    pid = log.with_suffix(".pid")
    pid.write_text(f"{process.pid}\n", encoding="ascii")
    up.set()
    try:
        return await process.wait()
    finally:
        await _end(process, grace)
        pid.unlink(missing_ok=True)


async def _end(process: asyncio.subprocess.Process, grace: timedelta) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), grace.total_seconds())
    except TimeoutError:
        process.kill()
        await process.wait()
