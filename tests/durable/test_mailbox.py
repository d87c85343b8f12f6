"""A mailbox is read for as long as anybody runs a worker, and its history stays short and holds no mail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowHandle

from rapport.engine.world import World
from rapport.errors import TemporaryFailure
from rapport.ports import MailboxStanding
from tests.durable.sequences import scenario
from worker.run import serve
from workflows.mailbox_client import read_mailboxes
from workflows.mailbox_messages import MailboxInput

pytestmark = pytest.mark.asyncio(loop_scope="session")
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


async def test_mails_are_read_as_they_come_and_the_worker_may_change(temporal: Client, candidate: str) -> None:
    """A worker that stops hands the mailbox to the next one; beginning it twice changes nothing."""
    desk, queue = MailboxInMemory(waiting=["1", "2", "3"], failures=1), f"{candidate}-walks"
    async with working(temporal, desk, queue):
        await read_mailboxes(temporal, [candidate], queue=queue)
        await read_mailboxes(temporal, [candidate], queue=queue)
        await until_empty(desk)
    desk.waiting.append("4")
    async with working(temporal, desk, queue):
        await until_empty(desk)
        history = (await handle(temporal, candidate).fetch_history()).to_json()
        await handle(temporal, candidate).terminate()

    assert ["1", "2", "3", "4"] == desk.taken
    assert "people.example" not in history


async def test_a_long_life_makes_no_long_history(temporal: Client, candidate: str) -> None:
    """A mailbox is read for years."""
    desk, queue = MailboxInMemory(waiting=[str(number) for number in range(20)]), f"{candidate}-walks"
    async with working(temporal, desk, queue):
        first = await temporal.start_workflow(
            "Mailbox", MailboxInput(mailbox=candidate, history_limit=20), id=f"mailbox/{candidate}", task_queue=queue
        )
        await until_empty(desk)
        last = await handle(temporal, candidate).describe()
        await handle(temporal, candidate).terminate()

    assert 20 == len(desk.taken)
    assert first.first_execution_run_id != last.run_id
