"""A terminal with somebody in front of it, who reads what a command of ours shows and presses Ctrl-C."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.kill.processes import ROOT, put_down

# It takes what it reads from as its terminal, so that Ctrl-C there is its signal; and hears it as below a login shell:
# who runs the tests in the background of a script has them ignore it, and everything below them.
_OURS = (
    "import fcntl, signal, termios; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0); from cli.main import run; run()"
)
_CTRL_C = b"\x03"
_WIDE = {"TERM": "xterm", "COLUMNS": "160", "PYTHONPATH": str(ROOT)}
_PATIENCE_SECONDS = 60
_CHUNK = 65_536


@dataclass(slots=True, kw_only=True)
class Terminal:
    """One command in a terminal, and all that it has shown."""

    process: asyncio.subprocess.Process
    keyboard: int
    shown: str = ""
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def shows(self, words: str) -> str:
        """Wait until it shows this (a regular expression); what it shows."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (found := re.search(words, self.shown)):
                self._more.clear()
                await self._more.wait()
        return found[0]

    async def ctrl_c(self) -> int:
        """Press Ctrl-C; the exit code."""
        os.write(self.keyboard, _CTRL_C)
        return await self.ends()

    async def ends(self) -> int:
        """The exit code, when it has ended."""
        return await asyncio.wait_for(self.process.wait(), _PATIENCE_SECONDS)

    def read(self) -> None:
        """Take what has been shown."""
        try:
            shown = os.read(self.keyboard, _CHUNK)
        except OSError:  # Linux says so when the last one who could write is gone
            shown = b""
        if not shown:
            asyncio.get_running_loop().remove_reader(self.keyboard)
        self.shown += shown.decode(errors="replace")  # a chunk may end within a letter
        self._more.set()


@asynccontextmanager
async def in_a_terminal(arguments: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[Terminal]:
    """Run one of our commands in a terminal of its own."""
    keyboard, screen = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-c", _OURS, *arguments),
            stdin=screen,
            stdout=screen,
            stderr=screen,
            env={**environment, **_WIDE},
            start_new_session=True,
        )
    finally:
        os.close(screen)
    terminal = Terminal(process=process, keyboard=keyboard)
    loop = asyncio.get_running_loop()
    loop.add_reader(keyboard, terminal.read)
    try:
        yield terminal
    finally:
        await put_down(process)
        loop.remove_reader(keyboard)
        os.close(keyboard)
