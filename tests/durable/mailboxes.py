"""A mailbox in memory: what tests of its workflow, and recordings of it, stand on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.client import Client, WorkflowHandle

from rapport.engine.world import World
from rapport.errors import TemporaryFailure
from rapport.ports import MailboxStanding
from tests.durable.sequences import scenario
from worker.run import serve

_PATIENCE_SECONDS = 20


@dataclass(kw_only=True)
class MailboxInMemory:
    """A `MailboxDesk`: mails that wait, the first of which breaks the line `failures` times."""

    waiting: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    looks: int = 0
    failures: int = 0
    empty: asyncio.Event = field(default_factory=asyncio.Event)

    async def read_batch(self, mailbox: str, *, patience: timedelta, go_on: Callable[[], bool]) -> MailboxStanding:
        """Take two at a time, and wait when there are none."""
        self.looks += 1
        assert mailbox
        if self.failures:
            self.failures -= 1
            raise TemporaryFailure("The mailbox of ada@people.example does not answer.", hint="Later.")
        left = patience.total_seconds()
        while not self.waiting and left > 0 and go_on():
            self.empty.set()
            await asyncio.sleep(0.02)
            left -= 0.02
        found, self.waiting = self.waiting[:2], self.waiting[2:]
        self.taken += found
        return MailboxStanding(taken=len(found), more=bool(self.waiting))


@asynccontextmanager
async def working(client: Client, desk: MailboxInMemory, queue: str) -> AsyncIterator[None]:
    """A worker that reads mailboxes."""
    stop = asyncio.Event()
    world: World = scenario().world()
    serving = asyncio.create_task(serve(world, client=client, stop=stop, queue=queue, mailboxes=desk))
    try:
        yield
    finally:
        stop.set()
        await serving


async def until_empty(desk: MailboxInMemory) -> None:
    """Wait until everything is read."""
    desk.empty.clear()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await desk.empty.wait()


def handle(client: Client, name: str) -> WorkflowHandle[object, object]:
    """The workflow of a mailbox."""
    return client.get_workflow_handle(f"mailbox/{name}")
