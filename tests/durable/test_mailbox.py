"""A mailbox is read for as long as anybody runs a worker, and its history stays short and holds no mail."""

import pytest
from temporalio.client import Client

from tests.durable.mailboxes import MailboxInMemory, handle, until_empty, working
from workflows.mailbox_client import read_mailboxes
from workflows.mailbox_messages import MailboxInput

pytestmark = pytest.mark.asyncio(loop_scope="session")


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
