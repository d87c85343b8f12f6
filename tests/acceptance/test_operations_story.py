"""The story of docs/operations.md, typed as it stands: the worker is killed, and the walk goes on."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.processes import PROGRAMS, ROOT, done, environment, running, until
from worker.dev_server import free_port

_BLOCK = re.compile(r"<!-- story: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)
_BLOCKS: dict[str, str] = dict(_BLOCK.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))
# The document's own; a test needs a folder and ports that nobody else uses.
_FOLDER, _INBOX, _BIN = ".rapport/story", "127.0.0.1:8025", ".venv/bin/"


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where the lines of the document are typed."""

    folder: Path
    inbox: str
    environ: Mapping[str, str]

    async def type(self, block: str) -> str:
        """Run one block of the document; what it printed."""
        return await done(["bash", "-euo", "pipefail", "-c", self.translated(block)], self.environ)

    def translated(self, block: str) -> str:
        """The lines, with this test's folder and ports in place of the usual ones."""
        text = _BLOCKS[block].replace(_FOLDER, str(self.folder)).replace(_INBOX, self.inbox)
        return text.replace(_BIN, f"{PROGRAMS}/")

    async def mails(self) -> list[str]:
        """The subjects in the inbox, the oldest first."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"http://{self.inbox}/mails.json")
        slips: list[dict[str, Any]] = answer.raise_for_status().json()
        return [slip["subject"] for slip in reversed(slips)]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal whose folder and ports are of this test alone."""
    folder = tmp_path / "story"
    settings = {
        "RAPPORT_STATE_FOLDER": str(folder),  # exported once in the document's second terminal
        "RAPPORT_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
        "RAPPORT_API_PORT": str(free_port()),
        "RAPPORT_SMTP_PORT": str(free_port()),
    }
    return Terminal(folder=folder, inbox=f"127.0.0.1:{free_port()}", environ=environment(**settings))


async def test_walk_goes_on_after_the_worker_was_killed(terminal: Terminal, tmp_path: Path) -> None:
    """A click that comes while no worker lives is kept, and its mail is sent once a worker is back: once."""
    log = tmp_path / "dev.log"
    ports = f" --ui-port {free_port()} --inbox-port {terminal.inbox.rpartition(':')[2]}"
    start = terminal.translated("start").rstrip() + ports
    async with running(["bash", "-euc", start.replace("\n", "\nexec ")], terminal.environ, log) as dev:
        await until(lambda: _says(log, "Ready."), seconds=60)
        enrolled = (await terminal.type("enroll")).splitlines()[-1]
        # Killed between the mail server's answer and its record, the send would be parked: that is another story.
        await until(lambda: _shows(terminal, "hello: accepted"), seconds=40)
        pid = terminal.folder / "logs" / "worker.pid"
        first = pid.read_text(encoding="ascii")
        killed = await terminal.type("kill")
        await until(lambda: _has(terminal, 2), seconds=60)
        shown = await terminal.type("look")
        second = pid.read_text(encoding="ascii")
        dev.terminate()
        await dev.wait()

    assert "worker ended with -9; it starts again in 1 s." in log.read_text(encoding="utf-8")
    assert first != second
    assert enrolled in killed
    assert "Thank you for reading" not in killed
    assert 1 == shown.count("Hello Ada")
    assert 1 == shown.count("Thank you for reading")
    assert 0 == dev.returncode


async def _says(log: Path, words: str) -> bool:
    return words in await asyncio.to_thread(log.read_text, encoding="utf-8")


async def _shows(terminal: Terminal, words: str) -> bool:
    command = [str(PROGRAMS / "rapport"), "show", "ada@people.test"]
    return words in await done(command, terminal.environ)


async def _has(terminal: Terminal, number: int) -> bool:
    return len(await terminal.mails()) >= number
