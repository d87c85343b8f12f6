"""The real yaml-language-server, spoken to over its standard input and output as an editor does."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

# The release that editors ship in autumn 2026; a test of completion needs one answer.
_SERVER = "yaml-language-server@1.24.0"
# A cold start of Node on a busy machine takes some seconds.
_PATIENCE_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parents[2]

Message = dict[str, Any]


def installed_server() -> Path:
    """The server's start file, fetched from npm once; skips with the reason where that cannot be."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js with npm is not installed, so no editor's language server can be run")
    folder = _ROOT / ".venv" / "editor"
    start = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not start.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), _SERVER]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if fetched.returncode:
            pytest.skip(f"npm cannot install {_SERVER}: {fetched.stderr.strip()[:200]}")
    return start


@dataclass
class Editor:
    """One editor with one folder open; a file's text is what was last typed."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    settings: Mapping[str, object]
    answers: "Queue[Message]" = field(default_factory=Queue)
    published: "Queue[Message]" = field(default_factory=Queue)
    _asked: int = 0
    _opened: int = 0

    def complete(self, text: str, name: str = "sequence.yaml") -> list[Message]:
        """What is offered where the text holds a `|`."""
        before, after = text.split("|")
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        uri = self._open(name, before + after)
        offered = self._ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place})
        return list(offered["items"] if isinstance(offered, dict) else offered or [])

    def hover(self, text: str, name: str = "sequence.yaml") -> str:
        """What is told about the word where the text holds a `|`."""
        before, after = text.split("|")
        place = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        uri = self._open(name, before + after)
        told = self._ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        return str(told["contents"]["value"]) if told else ""

    def problems(self, text: str, name: str = "sequence.yaml") -> list[Message]:
        """What is underlined in a file, in the order of the file."""
        uri = self._open(name, text)
        told = self.published.get(timeout=_PATIENCE_SECONDS)
        while told["uri"] != uri:
            told = self.published.get(timeout=_PATIENCE_SECONDS)
        return sorted(told["diagnostics"], key=lambda one: list(one["range"]["start"].values()))

    def start(self) -> None:
        """Say hello, as the protocol asks."""
        threading.Thread(target=self._listen, daemon=True).start()
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]},
            },
            "workspace": {"configuration": True},
        }
        self._ask("initialize", {"processId": None, "rootUri": self.folder.as_uri(), "capabilities": capabilities})
        self._say("initialized", {})
        self._await_settings()

    def _await_settings(self) -> None:
        """Until a file that must be wrong is underlined: the server fetches settings and schemas after its hello."""
        uri, told = self._open("warm-up.yaml", "schema: 2\n"), Message()
        while not (told.get("uri") == uri and told["diagnostics"]):
            told = self.published.get(timeout=_PATIENCE_SECONDS)

    def _open(self, name: str, text: str) -> str:
        """Type a text into a new file; the file's name decides what kind of file it is."""
        self._opened += 1
        uri = (self.folder / str(self._opened) / "sequences" / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._say("textDocument/didOpen", {"textDocument": document})
        return uri

    def _ask(self, method: str, params: Message) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            try:
                answer = self.answers.get(timeout=_PATIENCE_SECONDS)
            except Empty:
                pytest.fail(f"the language server did not answer {method} within {_PATIENCE_SECONDS:.0f} s")
            if answer["id"] == self._asked:
                assert "error" not in answer, answer
                return answer["result"]

    def _say(self, method: str, params: Message) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Message) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        for message in self._incoming():
            method = message.get("method")
            if method is None:
                self.answers.put(message)
            elif method == "textDocument/publishDiagnostics":
                self.published.put(message["params"])
            elif "id" in message:
                self._send({"id": message["id"], "result": self._answer(method, message.get("params") or {})})

    def _answer(self, method: str, params: Message) -> object:
        if method != "workspace/configuration":
            return None
        return [_section(self.settings, item.get("section", "")) for item in params["items"]]

    def _incoming(self) -> Iterator[Message]:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            yield json.loads(stream.read(length))


def _section(settings: Mapping[str, object], name: str) -> object:
    """A part of the settings as an editor hands it out: `yaml` is all that begins with `yaml.`, nested."""
    if name in settings:
        return settings[name]
    nested: Message = {}
    for key in settings:
        if key.startswith(f"{name}."):
            *parents, last = key.removeprefix(f"{name}.").split(".")
            inner = nested
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = settings[key]
    return nested or None


@contextmanager
def editor(folder: Path, settings: Mapping[str, object]) -> Iterator[Editor]:
    """An editor that has opened `folder` with these settings; what is typed is never saved."""
    start = installed_server()
    with tempfile.TemporaryDirectory() as home:
        command = ["node", str(start), "--stdio"]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": home},
        ) as process:
            opened = Editor(process, folder, settings)
            try:
                opened.start()
                yield opened
            finally:
                process.kill()
