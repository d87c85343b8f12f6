"""A worker on the wrong database: walks that wake there wait for the right one, and lose nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from cli.outbox import TemporalWalks
from rapport.clock import SystemClock
from rapport.mail.smtp import Relay, SmtpMailer
from rapport.store import enrollments
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.enroll import enroll
from tests.unit.store.worlds import a_person, published, url_of
from tests.unit.usecases.desks import a_desk
from worker.run import serve
from workflows.client import Walks

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
DAY = timedelta(days=1)
FLOW = "{purpose: service, steps: [{id: rest, wait: 24 hours}, {id: warm, score: {add: 5}}, {id: end, stop: over}]}"


@asynccontextmanager
async def a_worker(store: Store, client: Client, queue: str) -> AsyncIterator[None]:
    """A worker for walks on this database."""
    stop = asyncio.Event()
    mailer = SmtpMailer(Relay(host="127.0.0.1", port=9, test_environment=True))  # no mail is sent here
    desk = a_desk(store, mailer, CLOCK)  # type: ignore[arg-type]  # the clock is a real one here
    serving = asyncio.create_task(serve(desk, client=client, stop=stop, queue=queue))
    try:
        yield
    finally:
        stop.set()
        await serving


class Complaint(logging.Handler):
    """The first line of the log that says that an activity failed."""

    def __init__(self) -> None:
        """Nothing has been said."""
        super().__init__()
        self.said: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first."""
        if getattr(record, "action", "") == "activity_failed" and not self.said.done():
            self.said.set_result(record.getMessage())


async def test_an_hour_on_the_wrong_database_loses_nothing(tmp_path: Path, temporal: Client, candidate: str) -> None:
    """Once the worker has the right database the walk goes on by itself: its wait ends when it would have ended."""
    urls = [url_of(tmp_path / name) for name in ("empty.db", "right.db")]
    for url in urls:
        await migrate(url)
    wrong, right = map(Store.open, urls)
    walks, complaint = Walks(temporal, f"{candidate}-walks"), Complaint()
    logging.getLogger("activities.errors").addHandler(complaint)
    try:
        await published(right, flow=FLOW)
        async with right.write() as tx:
            await a_person(tx, candidate)
            walk = await enroll(tx, CLOCK, sequence="flow", candidate=candidate, at=CLOCK.now(), cause="test")
        await Dispatcher(right, TemporalWalks(walks), CLOCK).drain()
        handle = walks.handle(walk.id)
        async with a_worker(wrong, temporal, f"{candidate}-walks"):
            said = await asyncio.wait_for(complaint.said, 60)
        async with a_worker(right, temporal, f"{candidate}-walks"):
            await TimeSkipper(temporal).fast_forward(handle, None)
            result = await asyncio.wait_for(handle.result(), 60)
        async with right.read() as tx:
            row = await enrollments.get(tx, walk.id)
    finally:
        logging.getLogger("activities.errors").removeHandler(complaint)
        await wrong.close()
        await right.close()

    assert "Correct RAPPORT_DATABASE_URL" in said
    assert ("ended", "over") == (row.state, result.end)
    assert timedelta(0) <= result.at - (row.enrolled_at + DAY) < timedelta(minutes=1)
