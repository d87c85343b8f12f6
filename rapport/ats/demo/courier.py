"""Delivering what the demo ATS has to tell, to each connection in its vendor's form, until it is taken or given up."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from rapport.ats.demo.deliveries import deliveries
from rapport.ats.demo.world import DemoWorld

# Greenhouse: up to seven tries over fifteen hours. Workable says that it tries again, Lever says nothing, and neither
# says when: all are like Greenhouse here.
AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 15, 60, 120, 240, 480))
# How long vendors wait for a receiver is not known; a busy machine answers within this.
_PATIENCE_SECONDS = 30
_LOOK_EVERY_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A connection's webhook: where it is, whose form it wants, and what it is signed with."""

    url: str
    speaks: str = "demo"
    secret: str = field(default="", repr=False)


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A delivery as it was when it happened, and how often it was tried; every try is the same, byte for byte."""

    url: str
    headers: dict[str, str]
    body: str
    due_at: str
    tries: int = 0


@dataclass(slots=True)
class Courier:
    """Carries deliveries; each has its own tries, so that one which fails holds up no other."""

    world: DemoWorld
    now: Callable[[], datetime]
    hooks: list[Hook] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    given_up: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def deliver(self, *, at_once: bool = False) -> int:
        """Send what is due, oldest first, or `at_once` everything; how many deliveries were accepted."""
        async with self._turn:
            self.write()
            now, accepted = self.now(), 0
            async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
                for one in list(self.waiting):
                    if at_once or datetime.fromisoformat(one.due_at) <= now:
                        accepted += await self._try(client, one)
            return accepted

    async def carry(self, then: Callable[[], None]) -> None:
        """Deliver what is due, for ever; `then` after each round that had something to do."""
        while True:
            if self.world.due or self.waiting:
                await self.deliver()
                then()
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    def write(self) -> None:
        """Compose what has happened since, for everybody who is told of it."""
        now = self.now().isoformat()
        while self.world.due:
            told = self.world.due.popleft()
            for hook in self.hooks:
                for headers, body in deliveries(self.world, told, speaks=hook.speaks, secret=hook.secret):
                    self.waiting.append(Waiting(url=hook.url, headers=headers, body=body.decode(), due_at=now))

    async def _try(self, client: httpx.AsyncClient, one: Waiting) -> bool:
        if await _taken(client, one):
            self.waiting.remove(one)
            return True
        if one.tries >= len(AGAIN_AFTER):
            self.waiting.remove(one)
            self.given_up += 1
        else:
            one.due_at = (self.now() + AGAIN_AFTER[one.tries]).isoformat()
            one.tries += 1
        return False

    def rows(self) -> list[dict[str, Any]]:
        """What waits, as plain data."""
        return [asdict(one) for one in self.waiting]


async def _taken(client: httpx.AsyncClient, one: Waiting) -> bool:
    try:
        answer = await client.post(one.url, content=one.body.encode(), headers=one.headers)
    except httpx.HTTPError:
        return False
    return answer.is_success
