"""Serving an app until a signal comes, and ending with an exit code instead of by the signal."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from rapport.errors import ConfigurationError

_GRACE_SECONDS = 5  # requests are short; a slow reader must not hold up a restart
_BACKLOG = 2_048


async def serve(app: FastAPI, *, host: str, port: int, setting: str) -> None:
    """Serve until SIGTERM or SIGINT; ConfigurationError when the port is taken, or the app does not come up."""
    listening = listen(host, port, setting=setting)
    server = _server(app)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, server.stop)
    await server.serve(sockets=[listening])
    if not server.started:
        raise ConfigurationError("The server did not come up.", hint="Its log says why.")


@asynccontextmanager
async def beside(app: FastAPI, *, host: str, port: int) -> AsyncIterator[None]:
    """Serve an app beside everything else in this process, for as long as the block runs."""
    server = _server(app)
    serving = asyncio.create_task(server.serve(sockets=[listen(host, port, setting="another port")]))
    try:
        # The socket listens already: whoever connects before the app is up waits in its queue.
        yield
    finally:
        server.stop()
        await serving


def listen(host: str, port: int, *, setting: str) -> socket.socket:
    """Take a port, or say what to do about it."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, or asyncio does not see that it is TCP: an answer would then wait 40 ms for the caller's acknowledgment.
    listening = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used: {error.strerror}.",
            hint=f"Stop what listens there, or set {setting} to another port.",
        ) from error
    return listening


def _server(app: FastAPI) -> "_Server":
    """A server that keeps paths out of its log: links in mails hold tokens that act."""
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # What a proxy says about who asks is not believed.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """uvicorn's server without its own way with signals: it raises them again when all is done."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to whoever serves."""
        yield

    def stop(self) -> None:
        """Ask it to end."""
        self.should_exit = True
