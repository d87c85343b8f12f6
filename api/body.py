"""Bodies are read here, whole and capped, before anything else looks at them."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import respond, trouble

LARGEST_BODY = 1_000_000  # bytes: a thousand times the largest event that we have seen
LARGEST_MAIL = 10_000_000  # bytes: what our mail gateway takes
# bytes: SendGrid hands in mails of up to 30 MB and Mailgun of 25 MB, with some words around them.
LARGEST_HANDED_IN = 32_000_000


class Capped:
    """Refuses a body beyond the cap with 413 while it streams in, so that it is never held in memory."""

    def __init__(self, app: ASGIApp, *, larger: Mapping[str, int]) -> None:
        """`larger` gives paths beginning with a prefix a cap of their own."""
        self._app, self._larger = app, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cap = next((size for prefix, size in self._larger.items() if scope["path"].startswith(prefix)), LARGEST_BODY)
        body = None if _announced(scope) > cap else await _read(receive, cap)
        if body is None:
            detail = f"The body has more than {cap} bytes. Send less at once."
            # The rest of the body is not read, so that the connection cannot be used again.
            await respond(trouble(413, detail, kind="too-large"), {"Connection": "close"})(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


def _announced(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004  # 64 bits


async def _read(receive: Receive, cap: int) -> bytes | None:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # the caller hung up
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > cap:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
