"""A small ATS for demos and tests: real HTTP on loopback, with applications, tags, notes, pools, and bad days."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(slots=True)
class Person:
    """What the demo ATS knows of one candidate; applications are newest first."""

    fields: dict[str, Any] = field(default_factory=dict)
    applications: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DemoAts:
    """The demo ATS: fill `people`, read `log`, and queue `bad_answers` as (status, headers)."""

    people: dict[str, Person] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    bad_answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that wanted to change something."""
        return [entry for entry in self.log if entry[0] != "GET"]

    def app(self) -> ASGIApp:
        """The ASGI application."""
        person = "/candidates/{candidate}"
        routes = [
            Route(person, self._read),
            Route(f"{person}/applications", self._applications),
            Route(f"{person}/tags", self._tags, methods=["GET", "POST"]),
            Route(f"{person}/tags/{{tag:path}}", self._untag, methods=["DELETE"]),
            Route(f"{person}/notes", self._notes, methods=["GET", "POST"]),
            Route(f"{person}/pools", self._pools),
            Route(f"{person}/pools/{{pool:path}}", self._to_pool, methods=["PUT"]),
        ]
        return _Moody(Starlette(routes=routes), self)

    async def _read(self, request: Request) -> Response:
        person = self.people.get(request.path_params["candidate"])
        return _missing() if person is None else JSONResponse(person.fields)

    async def _applications(self, request: Request) -> Response:
        person = self.people.get(request.path_params["candidate"])
        return _missing() if person is None else JSONResponse(person.applications)

    async def _tags(self, request: Request) -> Response:
        person = self._known(request)
        if request.method == "POST":
            person.tags.append((await request.json())["tag"])
        return JSONResponse(person.tags)

    async def _untag(self, request: Request) -> Response:
        person = self._known(request)
        person.tags = [tag for tag in person.tags if tag != request.path_params["tag"]]
        return JSONResponse(person.tags)

    async def _notes(self, request: Request) -> Response:
        person = self._known(request)
        if request.method == "POST":
            person.notes.append(await request.json())
        return JSONResponse(person.notes)

    async def _pools(self, request: Request) -> Response:
        return JSONResponse(self._known(request).pools)

    async def _to_pool(self, request: Request) -> Response:
        person = self._known(request)
        person.pools = [request.path_params["pool"]]
        return JSONResponse(person.pools)

    def _known(self, request: Request) -> Person:
        """Writing makes a person known, so that a demo needs no preparation."""
        return self.people.setdefault(request.path_params["candidate"], Person())


class _Moody:
    """Notes every request, and answers with what was queued instead."""

    def __init__(self, inner: ASGIApp, ats: DemoAts) -> None:
        self._inner, self._ats = inner, ats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._ats.log.append((scope["method"], scope["path"]))
            if self._ats.bad_answers:
                status, headers = self._ats.bad_answers.popleft()
                await JSONResponse({"error": status}, status_code=status, headers=headers)(scope, receive, send)
                return
        await self._inner(scope, receive, send)


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


def _missing() -> Response:
    return JSONResponse({"error": "not found"}, status_code=404)
