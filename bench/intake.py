"""Events taken in per second over HTTP, beside a bare FastAPI route that writes one row as durably."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import aiosqlite
from fastapi import FastAPI
from pydantic import BaseModel

from bench.cast import SEQUENCE
from bench.doors import BARE, OURS, answers_per_second, bare_database, run_side_or_measure, served
from bench.house import a_house, people_of
from bench.rows import Row, median
from rapport.settings import Settings
from rapport.usecases.enroll import enroll_now

_ROUNDS = 7
_EVENTS_A_ROUND = 160
_PEOPLE = 100


class Event(BaseModel):
    """What the bare route takes."""

    kind: str
    candidate: str
    detail: dict[str, str]


def _bare(file: Path) -> FastAPI:
    """One route, one row, with the same care for power cuts; requests share a connection and take turns."""
    app, turn, opened = FastAPI(), asyncio.Lock(), list[aiosqlite.Connection]()

    async def database() -> aiosqlite.Connection:
        if not opened:
            opened.append(
                await bare_database(file, "CREATE TABLE events (id INTEGER PRIMARY KEY, kind, candidate, detail)")
            )
        return opened[0]

    @app.post("/v1/events", status_code=202)
    async def take(event: Event) -> dict[str, bool]:
        async with turn:
            row = (event.kind, event.candidate, json.dumps(event.detail))
            await (await database()).execute("INSERT INTO events (kind, candidate, detail) VALUES (?, ?, ?)", row)
        return {"new": True}

    return app


async def _measure() -> Sequence[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        async with a_house(Settings(state_folder=folder), people=2 * _PEOPLE) as house:
            everybody = await people_of(house)
            walking, others = everybody[:_PEOPLE], everybody[_PEOPLE:]
            for name in walking:
                await enroll_now(house.store, house.clock, sequence=SEQUENCE, candidate=name, cause="bench")
        ports = {side: await stack.enter_async_context(served("intake", side, folder)) for side in (OURS, BARE)}
        found: dict[str, list[float]] = {"stored": [], "heard": [], "bare": []}
        keys = count()
        stored = [{"kind": "custom", "candidate": name, "detail": {"name": "visited"}} for name in others]
        heard = [{"kind": "stage_changed_to", "candidate": name, "detail": {"stage": "offer"}} for name in walking]
        # One round more, that nobody counts: code and caches are cold in it, on both sides.
        for _ in range(1 + _ROUNDS):
            found["bare"].append(await _per_second(ports[BARE], stored, keys))
            found["stored"].append(await _per_second(ports[OURS], stored, keys))
            found["heard"].append(await _per_second(ports[OURS], heard, keys))
    found = {side: rates[1:] for side, rates in found.items()}
    print(found)
    bare = median(found["bare"])
    return [
        Row(
            name="events taken in per second",
            value=median(found["stored"]),
            unit="events/s",
            baseline=bare,
            at_least=0.5,
        ),
        Row(
            name="events taken in per second that a walk has to hear of",
            value=median(found["heard"]),
            unit="events/s",
            baseline=bare,
        ),
    ]


async def _per_second(port: int, events: Sequence[Mapping[str, object]], keys: "count[int]") -> float:
    def post(number: int) -> bytes:
        body = json.dumps(events[number % len(events)])
        head = "POST /v1/events HTTP/1.1\r\nContent-Type: application/json\r\n"
        head += f"Idempotency-Key: key-{next(keys)}\r\nContent-Length: {len(body)}\r\n\r\n"
        return (head + body).encode()

    return await answers_per_second(port, _EVENTS_A_ROUND, post, status=202)


if __name__ == "__main__":
    run_side_or_measure(sys.argv, _bare, _measure)
