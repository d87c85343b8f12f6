"""The worker: walks and their activities, until told to stop; it takes a desk and builds nothing itself."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from temporalio.client import Client
from temporalio.worker import Worker

from activities.ats import AtsActivities
from activities.bulk import BulkActivities
from activities.mailbox import MailboxActivities
from activities.privacy import PrivacyActivities
from activities.walk import WalkActivities
from rapport.ports import AtsDesk, BulkDesk, MailboxDesk, PrivacyDesk, WalkDesk
from workflows.ats_poll import AtsPoll
from workflows.bulk_enrollment import BulkEnrollment
from workflows.erasure import Erasure
from workflows.mailbox import Mailbox
from workflows.queues import WALKS, mail_queue
from workflows.retention import RetentionSweep
from workflows.search_attributes import require_search_attributes
from workflows.sequence import SequenceWalk

Background: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

log = logging.getLogger(__name__)

# Longer than the 30 s that a mail server may take to answer after the final dot: a send that is cut there is parked.
_GRACE = timedelta(seconds=40)
# A sleeping walk costs 55 KB while cached; walks sleep for weeks, so a bigger cache only holds sleepers.
_CACHED_WALKS = 1000
# After a restart every wake replays its history; more at once starve each other on one core (2 s is a deadlock).
_WALKS_AT_ONCE = 10
# Reads of our own store; SQLite and a small PostgreSQL pool serve no more at once.
_READS_AT_ONCE = 20
_EFFECTS_AT_ONCE = 20
# The mailer has one connection: more than these only wait longer for it (see workflows/policies.py, SEND).
_MAILS_AT_ONCE = 4


async def serve(
    desk: WalkDesk,
    *,
    client: Client,
    stop: asyncio.Event,
    queue: str = WALKS,
    background: Background | None = None,
    bulk: BulkDesk | None = None,
    mailboxes: MailboxDesk | None = None,
    ats: AtsDesk | None = None,
    privacy: PrivacyDesk | None = None,
) -> None:
    """Run walks and mails, and `background` beside them, until `stop`; what is under way gets 40 s to finish.

    `background` heeds the same `stop`, so that it breaks nothing off either.
    Bulk enrollments are worked off, mailboxes are read, an ATS is polled and erasures are finished where there is a
    desk for them.
    SearchAttributesMissing when the server does not know ours. An error in `background` ends the worker and is
    raised.
    """
    await require_search_attributes(client)
    beside: list[asyncio.Task[None]] = []
    try:
        async with AsyncExitStack() as running:
            others = _Desks(bulk=bulk, mailboxes=mailboxes, ats=ats, privacy=privacy)
            for worker in _workers(client, desk, others, queue):
                await running.enter_async_context(worker)
            log.info("Worker started", extra={"action": "worker_started", "queue": queue})
            beside += [asyncio.create_task(background())] if background is not None else []
            await _until(stop, beside)
            log.info("Worker stopping", extra={"action": "worker_stopping", "queue": queue})
    finally:
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*beside)


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT ask for a graceful end; Python's own answer to SIGTERM is to die in mid-send."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desks:
    """What is done beside walks, where there is a desk for it."""

    bulk: BulkDesk | None
    mailboxes: MailboxDesk | None
    ats: AtsDesk | None
    privacy: PrivacyDesk | None

    @property
    def workflows(self) -> list[type]:
        """The workflows of those."""
        ats, privacy = (self.ats, AtsPoll), ((self.privacy, kind) for kind in (Erasure, RetentionSweep))
        pairs = ((self.bulk, BulkEnrollment), (self.mailboxes, Mailbox), ats, *privacy)
        return [workflow for desk, workflow in pairs if desk is not None]

    @property
    def activities(self) -> list[Callable[..., Any]]:
        """The activities of those."""
        rights = PrivacyActivities(self.privacy) if self.privacy else None
        return [
            *([BulkActivities(self.bulk).enroll_people] if self.bulk else []),
            *([MailboxActivities(self.mailboxes).read_mailbox] if self.mailboxes else []),
            *([AtsActivities(self.ats).poll_ats] if self.ats else []),
            *([rights.settle_erasure] if rights else []),
            *([rights.sweep_page] if rights else []),
        ]


def _workers(client: Client, desk: WalkDesk, others: _Desks, queue: str) -> tuple[Worker, Worker]:
    """Mails on a queue of their own: a slow mail server takes no slot from a reply."""
    activities = WalkActivities(desk)
    walks = Worker(
        client,
        task_queue=queue,
        workflows=[SequenceWalk, *others.workflows],
        activities=[
            *(activities.due, activities.decide, activities.gate, activities.consent, activities.missed),
            *(activities.apply_effects, activities.call_ats, activities.call_webhook),
            *(activities.hold_walk, activities.finish_walk),
            *others.activities,
        ],
        max_cached_workflows=_CACHED_WALKS,
        max_concurrent_workflow_tasks=_WALKS_AT_ONCE,
        max_concurrent_local_activities=_READS_AT_ONCE,
        max_concurrent_activities=_EFFECTS_AT_ONCE,
        graceful_shutdown_timeout=_GRACE,
    )
    mails = Worker(
        client,
        task_queue=mail_queue(queue),
        activities=[activities.send_email],
        max_concurrent_activities=_MAILS_AT_ONCE,
        graceful_shutdown_timeout=_GRACE,
    )
    return walks, mails


async def _until(stop: asyncio.Event, beside: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the stop, or for the end of what works beside the walks; asked to stop, it has as long as they have."""
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopped, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopped.cancel()
        patience = _GRACE.total_seconds() if stop.is_set() else 0
        for task in beside:
            asyncio.get_running_loop().call_later(patience, task.cancel)
