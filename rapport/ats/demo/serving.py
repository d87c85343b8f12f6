"""Serving an application on loopback for as long as a block runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp


class _Quiet(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@asynccontextmanager
async def served(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an application on loopback for as long as the block runs; its address, with the real port."""
    with socket.create_server((host, port)) as listener:
        server = _Quiet(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            # The socket listens already: whoever connects before the server is up waits in its queue.
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
