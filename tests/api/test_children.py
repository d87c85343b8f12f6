"""The processes of `rapport dev`: kept alive, and stopped when asked."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from cli.children import Child, live_as

_WAITS = "import time\nprint('here', flush=True)\ntime.sleep(60)"
_STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{_WAITS}"


async def test_a_child_that_dies_is_started_again_and_it_is_said() -> None:
    """Nobody wonders why the inbox is empty: the terminal says what died, and it comes back."""
    said: list[str] = []
    twice = asyncio.Event()

    async def life(up: asyncio.Event) -> int:
        up.set()
        if said:
            twice.set()
            await asyncio.Event().wait()
        return 7

    child = Child(name="api", life=life, say=said.append)

    child.start()
    async with asyncio.timeout(10):
        await twice.wait()
    await child.stop()

    assert ["api ended with 7; it starts again in 1 s."] == said


async def test_a_stopped_child_is_gone(tmp_path: Path) -> None:
    """Ctrl-C leaves no process behind, not even one that does not listen."""
    gone = []
    for number, code in enumerate((_WAITS, _STUBBORN)):
        log = tmp_path / f"{number}.log"
        life = asyncio.create_task(_live(code, log))
        async with asyncio.timeout(20):
            while not log.is_file() or not log.stat().st_size:  # noqa: ASYNC110  # it writes when it is up
                await asyncio.sleep(0.02)
        life.cancel()
        await asyncio.wait([life])
        gone.append(life.cancelled())

    assert [True, True] == gone


async def _live(code: str, log: Path) -> int:
    up = asyncio.Event()
    command = [sys.executable, "-c", code]
    return await live_as(command, up, log=log, environment=dict(os.environ), grace=timedelta(seconds=0.3))
