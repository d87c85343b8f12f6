"""How applications are served on loopback: at once, and to the end."""

import asyncio
from time import perf_counter

from httpx import AsyncClient
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rapport.ats.demo.serving import served


async def test_an_answer_waits_for_no_acknowledgment() -> None:
    """The quickest of many takes a few milliseconds; held back until the caller acknowledges (Nagle), each takes 40."""
    taken = []
    async with served(Response("Hello")) as address, AsyncClient(base_url=address, trust_env=False) as http:
        for _ in range(40):
            began = perf_counter()
            await http.get("/")
            taken.append(perf_counter() - began)

    # A new connection is acknowledged at once, for a dozen packets or so.
    assert min(taken[20:]) < 0.03


async def test_whoever_has_asked_is_answered_before_the_end() -> None:
    """A server that is told to end finishes what it is doing."""
    asked, told = asyncio.Event(), asyncio.Event()
    answered: list[str] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await told.wait()
        await Response("Late")(scope, receive, send)
        answered.append("Late")

    async with AsyncClient(trust_env=False) as http:
        async with served(slow) as address:
            asking = asyncio.create_task(http.get(address))
            await asked.wait()
            asyncio.get_running_loop().call_later(0.02, told.set)

        assert ["Late"] == answered
        assert "Late" == (await asking).text
