"""What goes wrong between us and an ATS, request by request, in front of any fake."""

from collections import deque
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

FAULTS = ("fine", "429", "429 bare", "503 before", "500 after", "lost after", "cut after", "expired")
_REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "429": (429, {"retry-after": "0"}),
    "429 bare": (429, {}),
    "429 long": (429, {"retry-after": "600"}),
    "503 before": (503, {}),
    "expired": (401, {}),
}


@dataclass(slots=True)
class Faulty:
    """Lets each request meet the next fault of the script; afterwards everything is fine.

    `refused` are the ends of paths that the login has no right to. The next `unanswered` writes are done, and nobody
    hears so.
    """

    inner: ASGIApp
    script: deque[str] = field(default_factory=deque)
    log: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    unanswered: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.log.append((scope["method"], scope["path"]))
        if any(scope["path"].endswith(path) for path in self.refused):
            await JSONResponse({"errors": ["Forbidden"]}, 403)(scope, receive, send)
            return
        fault = self.script.popleft() if self.script else "fine"
        if fault in _REFUSALS:
            status, headers = _REFUSALS[fault]
            await JSONResponse({"errors": [fault]}, status, headers)(scope, receive, send)
            return
        told: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            told.append(message)

        await self.inner(scope, receive, keep)
        if self.unanswered and scope["method"] != "GET" and not scope["path"].endswith("/token"):
            self.unanswered -= 1
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await _spoiled(fault, told, scope, receive, send)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that wanted to change something; asking for a token changes nothing."""
        return [entry for entry in self.log if entry[0] != "GET" and not entry[1].endswith("/token")]


async def _spoiled(
    fault: str, told: list[MutableMapping[str, Any]], scope: Scope, receive: Receive, send: Send
) -> None:
    """The inner answer, or what becomes of it on the way: it was done all the same."""
    body = b"".join(message.get("body", b"") for message in told if message["type"] == "http.response.body")
    start = told[0]
    headers = [(key, value) for key, value in start["headers"] if key != b"content-length"]
    match fault:
        case "500 after":
            await Response("Oops", 500)(scope, receive, send)
        case "lost after":
            await _cut(send, {**start, "headers": [*headers, (b"content-length", b"10")]}, b"")
        case "cut after" if body:
            whole = str(len(body)).encode()
            await _cut(send, {**start, "headers": [*headers, (b"content-length", whole)]}, body[: len(body) // 2])
        case _:
            for message in told:
                await send(message)


async def _cut(send: Send, start: MutableMapping[str, Any], body: bytes) -> None:
    """An answer that ends before it is whole: the server closes the connection."""
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": True})
    message = "the connection is lost"
    raise ConnectionError(message)
