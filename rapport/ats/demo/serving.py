"""Serving an application on loopback for as long as a block runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

# uvicorn looks every tenth of a second whether it is to end, and then whether it has: 0.2 s for each server of a test.
_LOOK_EVERY_SECONDS = 0.005
# So often uvicorn writes the headers that each answer has: they tell the time.
_HEADERS_EVERY_SECONDS = 1.0


class _Quiet(uvicorn.Server):
    """A server that leaves the process's signals alone, and ends as soon as it is told and the last answer is out."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Serve when asked to."""
        super().__init__(config)
        self._told = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield

    def end(self) -> None:
        """Tell it."""
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        """Until it is told."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _HEADERS_EVERY_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new callers, and wait for those that are there."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  # uvicorn tells nobody
            await asyncio.sleep(_LOOK_EVERY_SECONDS)


@asynccontextmanager
async def served(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an application on loopback for as long as the block runs; its address, with the real port."""
    # Named, or asyncio does not see that it is TCP: an answer would then wait 40 ms for the caller's acknowledgment.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        server = _Quiet(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            # The socket listens already: whoever connects before the server is up waits in its queue.
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.end()
            await running
