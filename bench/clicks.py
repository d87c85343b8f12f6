"""Clicks and opens answered per second, beside a bare FastAPI route that writes one row as durably and redirects."""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiosqlite
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from bench.cast import SEQUENCE
from bench.doors import BARE, HOST, OURS, answers_per_second, bare_database, run_side_or_measure, served
from bench.house import a_house, people_of
from bench.rows import Row, median
from rapport.ids import send_id
from rapport.mail.sink import Envelope, start_sink
from rapport.mail.tokens import Token, TokenKind
from rapport.settings import Settings
from rapport.usecases.enroll import enroll_now
from rapport.wiring.house import House

_ROUNDS = 7
_VISITS_A_ROUND = 160
_PEOPLE = 160
_STEP = "welcome"
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _bare(file: Path) -> FastAPI:
    """One route, one row; requests share a connection and take turns."""
    app, turn, opened = FastAPI(), asyncio.Lock(), list[aiosqlite.Connection]()

    @app.get("/{kind}/{token}")
    async def visit(kind: str, token: str) -> RedirectResponse:
        async with turn:
            if not opened:
                opened.append(await bare_database(file, "CREATE TABLE visits (id INTEGER PRIMARY KEY, kind, token)"))
            await opened[0].execute("INSERT INTO visits (kind, token) VALUES (?, ?)", (kind, token))
        return RedirectResponse("https://acme.example/", 302)

    return app


async def _measure() -> Sequence[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sink = await start_sink(HOST, 0, _drop)
        stack.push_async_callback(sink.close)
        settings = Settings(state_folder=folder, smtp_port=sink.port)
        async with a_house(settings, people=_PEOPLE) as house:
            walks = [await _sent(house, name) for name in await people_of(house)]
            clicks = [_token(house, walk, "click", 1) for walk in walks]
            opens = [_token(house, walk, "open", 0) for walk in walks]
        ports = {side: await stack.enter_async_context(served("clicks", side, folder)) for side in (OURS, BARE)}
        found: dict[str, list[float]] = {"clicks": [], "opens": [], "bare": []}
        # One round more, that nobody counts: code and caches are cold in it, on both sides.
        for _ in range(1 + _ROUNDS):
            found["bare"].append(await _per_second(ports[BARE], "c", clicks, status=302))
            found["clicks"].append(await _per_second(ports[OURS], "c", clicks, status=302))
            found["opens"].append(await _per_second(ports[OURS], "o", opens, status=200))
    print(found)
    bare, clicks_, opens_ = (median(found[side][1:]) for side in ("bare", "clicks", "opens"))
    return [
        Row(name="clicks answered per second", value=clicks_, unit="clicks/s", baseline=bare),
        Row(name="opens answered per second", value=opens_, unit="opens/s", baseline=bare),
    ]


async def _drop(envelope: Envelope) -> None:
    del envelope


async def _sent(house: House, candidate: str) -> str:
    """Enroll the person and send them their first mail, so that its links are known."""
    enrolled = await enroll_now(house.store, house.clock, sequence=SEQUENCE, candidate=candidate, cause="bench")
    outcome = await house.desk.send(enrolled.id, _STEP, at=house.clock.now())
    if outcome.status != "done":
        raise AssertionError(outcome)
    return enrolled.id


def _token(house: House, walk: str, kind: TokenKind, number: int) -> str:
    return house.signer.make(Token(kind=kind, send=send_id(walk, _STEP), number=number))


async def _per_second(port: int, path: str, tokens: Sequence[str], *, status: int) -> float:
    def visit(number: int) -> bytes:
        token = tokens[number % len(tokens)]
        return f"GET /{path}/{token} HTTP/1.1\r\nUser-Agent: {_AGENT}\r\n\r\n".encode()

    return await answers_per_second(port, _VISITS_A_ROUND, visit, status=status)


if __name__ == "__main__":
    run_side_or_measure(sys.argv, _bare, _measure)
