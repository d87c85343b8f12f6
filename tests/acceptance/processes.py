"""Real processes for acceptance tests: started in an environment of their own, stopped as an operator stops them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")

ROOT = Path(__file__).parents[2]
# The commands of this very environment, wherever PATH leads.
PROGRAMS = Path(sys.executable).parent
_OURS = ("RAPPORT_", "TEMPORAL_")
_LOOK_EVERY = 0.1
_GRACE_SECONDS = 20


def environment(**settings: str) -> dict[str, str]:
    """The surroundings of a process: ours, with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


async def until(question: Callable[[], Awaitable[Found]], *, seconds: float) -> Found:
    """Ask until the answer is something; TimeoutError when it has been nothing for too long."""
    async with asyncio.timeout(seconds):
        while not (answer := await question()):  # noqa: ASYNC110  # another process has no event of ours
            await asyncio.sleep(_LOOK_EVERY)
        return answer


@asynccontextmanager
async def running(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is asked to stop at the end, and killed when it does not."""
    with log.open("ab") as words:
        # A session of its own, so that whatever it started ends with it.
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=dict(environ), stdout=words, stderr=words, start_new_session=True
        )
    try:
        yield process
    finally:
        await _end(process)


async def done(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a command to its end; what it said. It must end well."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=dict(environ), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, f"{command} ended with {process.returncode}:\n{said.decode()}"
    return said.decode()


async def succeeds(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a command ends well; what it says is not looked at."""
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=dict(environ), stdout=nowhere, stderr=nowhere
    )
    return await process.wait() == 0


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
