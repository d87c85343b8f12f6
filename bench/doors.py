"""HTTP doors side by side: each served from a process of its own, and asked by as little of a client as HTTP allows."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import aiosqlite
from fastapi import FastAPI

from api.app import create_app
from bench.house import MondayMorning
from bench.rows import Row, hand_over
from cli.serving import serve
from rapport.settings import Settings
from rapport.wiring.house import open_house
from worker.dev_server import free_port, stop_process

HOST = "127.0.0.1"
OURS, BARE = "ours", "bare"
# What people and their programs do to a small installation in the same moment.
_AT_ONCE = 16
_LOOK_SECONDS = 0.05


async def bare_database(file: Path, table: str) -> aiosqlite.Connection:
    """A database with one table and the same care for power cuts as ours."""
    database = await aiosqlite.connect(file, isolation_level=None)
    for pragma in ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL"):
        await database.execute(f"PRAGMA {pragma}")
    await database.execute(table)
    return database


def run_side_or_measure(
    argv: Sequence[str], bare: Callable[[Path], FastAPI], measure: Callable[[], Coroutine[None, None, Sequence[Row]]]
) -> None:
    """What a script of doors does when it is called: serve the side that `served` asked it for, or measure both."""
    match argv[1:]:
        case [("ours" | "bare") as side, folder, port]:
            asyncio.run(_serve(side, Path(folder), int(port), bare))
        case _:
            hand_over(argv, asyncio.run(measure()))


async def _serve(side: str, folder: Path, port: int, bare: Callable[[Path], FastAPI]) -> None:
    if side == BARE:
        await serve(bare(folder / "bare.db"), host=HOST, port=port, setting="another port")
        return
    clock = MondayMorning()
    async with open_house(Settings(state_folder=folder), clock, environ={}) as house:
        await serve(create_app(house, clock), host=HOST, port=port, setting="another port")


@asynccontextmanager
async def served(script: str, side: str, folder: Path) -> AsyncIterator[int]:
    """Serve a side of `bench.<script>` from a process of its own; the port that it listens on."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"bench.{script}", side, str(folder), str(port)
    )
    try:
        while not _listens(port):  # noqa: ASYNC110  # a port tells nobody
            await asyncio.sleep(_LOOK_SECONDS)
        yield port
    finally:
        await stop_process(process)


async def answers_per_second(port: int, requests: int, write: Callable[[int], bytes], *, status: int) -> float:
    """Send so many requests over 16 connections; `write` makes the one with a number, without its Host line."""
    numbers = iter(range(requests))
    began = perf_counter()
    await asyncio.gather(*(_ask_all(port, numbers, write, status) for _ in range(_AT_ONCE)))
    return requests / (perf_counter() - began)


async def _ask_all(port: int, numbers: Iterator[int], write: Callable[[int], bytes], status: int) -> None:
    """Ask over one connection: the client shares the machine with the server."""
    reader, writer = await asyncio.open_connection(HOST, port)
    for number in numbers:
        line, _, rest = write(number).partition(b"\r\n")
        writer.write(b"%s\r\nHost: %s:%d\r\n%s" % (line, HOST.encode(), port, rest))
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        text = await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 %d" % status):
            raise AssertionError(answer, text)
    writer.close()
    await writer.wait_closed()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
