"""A real Chromium, driven over its own protocol through two pipes: no driver, no port, no package.

https://chromedevtools.github.io/devtools-protocol/ ; a message is JSON and ends with a zero byte.
"""

import asyncio
import base64
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeAlias

Scheme: TypeAlias = Literal["light", "dark"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# It reads from 3 and writes to 4; both are first moved out of the way, since a pipe may have got one of these numbers.
_LAUNCH = (
    "import fcntl, os, sys; ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]; "
    "[os.dup2(end, place) for end, place in zip(ends, (3, 4))]; os.execv(sys.argv[3], sys.argv[3:])"
)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe"),
)
_PATIENCE = 30  # seconds; a page is there in a tenth of one
_LONGEST_MESSAGE = 1 << 26  # a picture of a long page comes as one


def why_no_chromium() -> str | None:
    """Why no browser can be driven here; None when it can."""
    return None if _binary() else f"none of {', '.join(_NAMES)} is installed: make test-browser installs it"


def _binary() -> str | None:
    return next((place for name in _NAMES if (place := shutil.which(name))), None)


@dataclass(slots=True, kw_only=True)
class Page:
    """One tab; what is clicked is clicked by the mouse, where it is on the screen."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    session: str = ""
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    loaded: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; AssertionError with what the browser has against it."""
        number = next(self.numbers)
        answer = self.answers[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        async with asyncio.timeout(_PATIENCE):
            said = await answer
        assert "error" not in said, (method, said)
        result: dict[str, Any] = said["result"]
        return result

    async def listen(self) -> None:
        """Take in what the browser says, until it ends."""
        with suppress(asyncio.IncompleteReadError):
            while True:
                said = json.loads((await self.reader.readuntil(b"\0"))[:-1])
                if "id" in said:
                    self.answers.pop(said["id"]).set_result(said)
                elif said["method"] == "Page.loadEventFired":
                    self.loaded.set()

    async def look(self, *, width: int, scheme: Scheme) -> None:
        """Be a window of this width, of somebody who likes it light or dark."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        await self.ask("Emulation.setDeviceMetricsOverride", **size)
        preferred = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.ask("Emulation.setEmulatedMedia", features=preferred)

    async def open(self, url: str) -> None:
        """Go to a page and wait until it is there."""
        self.loaded.clear()
        await self.ask("Page.navigate", url=url)
        await self._arrive()

    async def click(self, words: str, *, leads_away: bool = True) -> None:
        """Click the button, link or label that says this; by default, wait for the page it leads to."""
        found = await self.run(_FIND % json.dumps(words))
        assert found, f"nothing says {words!r}: {await self.run('document.body.innerText')}"
        self.loaded.clear()
        for kind in ("mousePressed", "mouseReleased"):
            await self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **found)
        if leads_away:
            await self._arrive()

    async def write(self, text: str) -> None:
        """Type into what has the focus."""
        await self.ask("Input.insertText", text=text)

    async def run(self, expression: str) -> Any:
        """Ask the page; it runs beside the page's own scripts, whatever those may do."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def text(self) -> str:
        """What can be read on it."""
        return str(await self.run("document.body.innerText"))

    async def picture(self, place: Path) -> None:
        """Keep a picture of the whole page."""
        shot = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(place.write_bytes, base64.b64decode(shot["data"]))

    async def _arrive(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            await self.loaded.wait()


_FIND = """(() => {
  const words = %s;
  const all = [...document.querySelectorAll("button, a, label, textarea, summary")];
  const found = all.find(one => one.innerText?.includes(words) || one.name === words);
  if (!found) return null;
  found.scrollIntoView({block: "center"});
  const box = found.getBoundingClientRect();
  return {x: box.x + Math.min(box.width / 2, 300), y: box.y + box.height / 2};
})()"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Page]:
    """A new browser with one tab; nothing of it is left afterwards."""
    binary = _binary()
    assert binary is not None
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = (sys.executable, "-c", _LAUNCH, str(theirs_in), str(theirs_out), binary)
        process = await asyncio.create_subprocess_exec(
            *(*command, *_FLAGS, f"--user-data-dir={folder}"),
            pass_fds=(theirs_in, theirs_out),
            stderr=asyncio.subprocess.DEVNULL,
            # A crash reporter and caches want a home; they get one that is thrown away.
            env={**_kept(os.environ), "HOME": folder},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        page = await _page(ours_in, ours_out)
        listening = asyncio.create_task(page.listen())
        try:
            await _attach(page)
            yield page
        finally:
            page.session = ""
            with suppress(AssertionError, TimeoutError):
                await page.ask("Browser.close")
            await process.wait()
            await listening
            page.writer.close()


def _kept(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name in ("PATH", "LANG", "TMPDIR")}


async def _page(ours_in: int, ours_out: int) -> Page:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_MESSAGE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb"))
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(ours_out, "wb"))
    return Page(reader=reader, writer=asyncio.StreamWriter(transport, protocol, reader, loop))


async def _attach(page: Page) -> None:
    target = await page.ask("Target.createTarget", url="about:blank")
    attached = await page.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    page.session = attached["sessionId"]
    await page.ask("Page.enable")
