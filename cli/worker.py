"""`rapport worker`: runs walks, sends mails, and empties the outbox, until it is told to stop."""

import asyncio
import os
import sys
from datetime import timedelta
from functools import partial

import click

from cli.exits import EXIT_OK
from cli.log_lines import log_as_lines
from cli.outbox import TemporalWalks, tell_all
from cli.polling import PollKeeper
from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.usecases.bulk import StoreBulkDesk
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.privacy_dispatch import ErasureDispatcher
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.wiring.ats import ats_work
from rapport.wiring.house import open_house
from rapport.wiring.mailboxes import mailbox_desk, reply_forwarder
from rapport.wiring.privacy import privacy_desk
from worker.metrics import measured
from worker.run import serve, stop_on_signals
from workflows.bulk_client import Bulks
from workflows.client import Walks
from workflows.connection import connect, target_of
from workflows.mailbox_client import read_mailboxes
from workflows.privacy_client import Erasures, sweep_daily


@click.command(short_help="Run walks and send mails.")
def worker() -> int:
    """Run walks, send their mails and empty the outbox; SIGTERM lets what is under way finish."""
    log_as_lines(sys.stderr)
    asyncio.run(_run(Settings.from_environ(os.environ)))
    return EXIT_OK


async def _run(settings: Settings) -> None:
    clock, stop = SystemClock(), asyncio.Event()
    stop_on_signals(stop)
    await migrate(settings.database, pepper=settings.pepper)
    target = target_of(address=settings.temporal_address, namespace=settings.temporal_namespace)
    runtime = measured(settings.metrics_address)
    client = await connect(address=settings.temporal_address, namespace=settings.temporal_namespace, runtime=runtime)
    async with open_house(settings, clock) as house:
        dispatcher = Dispatcher(house.store, TemporalWalks(Walks(client)), clock, resend=house.desk.resend)
        bulk = StoreBulkDesk(house.store, clock)
        bulks = BulkDispatcher(house.store, Bulks(client), bulk)
        segments = SegmentKeeper(house.store, clock)
        click.echo(f"Worker runs on {target.address}, namespace {target.namespace}.")
        ats = ats_work(house)
        polls = PollKeeper(
            store=house.store,
            vendors=house.vendors,
            client=client,
            every=timedelta(minutes=settings.ats_poll_minutes),
        )
        erasures = ErasureDispatcher(house.store, Erasures(client))
        beside = (reply_forwarder(house), segments, ats.errands, ats.notes, polls, erasures)
        outboxes = partial(tell_all, stop, dispatcher, bulks, *beside)
        mailboxes = mailbox_desk(house, os.environ)
        await read_mailboxes(client, mailboxes.folders)
        await sweep_daily(client)
        await serve(
            house.desk,
            client=client,
            stop=stop,
            background=outboxes,
            bulk=bulk,
            mailboxes=mailboxes,
            ats=ats.desk,
            privacy=privacy_desk(house),
        )
        click.echo("Worker stopped.")
