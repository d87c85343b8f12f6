"""Processes of ours that may be killed at any moment, and that somebody starts again."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from cli.children import rapport_command
from worker.dev_server import DevServerFailed, DevServerOptions, dev_server

Started: TypeAlias = Callable[[asyncio.subprocess.Process], None]
# Lives once: hands over its process as soon as there is one, and returns when it has died.
Life: TypeAlias = Callable[[Started], Coroutine[Any, Any, None]]

ROOT = Path(__file__).parents[2]
_PAUSE_SECONDS = 0.2  # systemd's own RestartSec is 0.1 s


@dataclass(slots=True, kw_only=True)
class Kept:
    """One process that is started again whenever it ends."""

    name: str
    life: Life
    kills: int = 0
    _process: asyncio.subprocess.Process | None = None
    _task: asyncio.Task[None] | None = None
    _up: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        """Begin to keep it running."""
        self._task = asyncio.create_task(self._keep())

    async def up(self) -> int:
        """The id of the process, once there is one."""
        await self._up.wait()
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL, and nothing else: it has no moment to tidy up."""
        pid = await self.up()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    async def stop(self) -> None:
        """Kill it for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self) -> None:
        while True:
            with suppress(DevServerFailed):
                await self.life(self._began)
            self._up.clear()
            await asyncio.sleep(_PAUSE_SECONDS)

    def _began(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._up.set()


def ours(arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> Life:
    """The life of one of our own commands."""

    async def life(started: Started) -> None:
        process = await begin(arguments, log=log, environment=environment)
        started(process)
        try:
            await process.wait()
        finally:
            await put_down(process)

    return life


def temporal(options: DevServerOptions) -> Life:
    """The life of Temporal's server."""

    async def life(started: Started) -> None:
        async with dev_server(options) as server:
            started(server.process)
            await server.process.wait()

    return life


async def begin(arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start one of our own commands; its words go to the log."""
    with log.open("ab") as words:
        return await asyncio.create_subprocess_exec(
            *rapport_command(*arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            env={**environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )


async def put_down(process: asyncio.subprocess.Process) -> None:
    """Leave no process behind, whatever the test was doing."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
