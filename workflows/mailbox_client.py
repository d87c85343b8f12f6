"""Mailbox workflows from the outside: see to it that each is running."""

from collections.abc import Iterable

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from workflows import policies
from workflows.mailbox_messages import MailboxInput
from workflows.queues import WALKS


async def read_mailboxes(client: Client, names: Iterable[str], *, queue: str = WALKS) -> None:
    """Begin the workflow of every mailbox, unless it is running."""
    for name in names:
        await client.start_workflow(
            "Mailbox",
            MailboxInput(mailbox=name),
            id=f"mailbox/{name}",
            task_queue=queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=policies.label(f"Mailbox {name}"),
        )
