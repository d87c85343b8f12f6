"""Apps on real ports of this machine, for doors that are only reached over the network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from cli.serving import listen
from rapport.settings import Settings
from rapport.store.database import Store
from tests.api.doors import TestHouse
from tests.unit.store.worlds import StandingClock


@asynccontextmanager
async def serving(app: FastAPI, listening: socket) -> AsyncIterator[None]:
    """Serve an app; its lifespan is the caller's business."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server._serve(sockets=[listening]))  # without uvicorn's signal handlers
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def served(store: Store, clock: StandingClock) -> AsyncIterator[str]:
    """The API on a real port: its address."""
    listening, url = a_place()
    app = create_app(TestHouse(store=store, settings=Settings(public_url=url, click_settle=0)), clock)
    async with serving(app, listening):
        yield url


def a_place() -> tuple[socket, str]:
    """Where an app can listen, and its address."""
    listening = listen("127.0.0.1", 0, setting="-")
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


def free_port() -> int:
    """A port that nobody listens on."""
    with listen("127.0.0.1", 0, setting="-") as listening:
        port: int = listening.getsockname()[1]
        return port
