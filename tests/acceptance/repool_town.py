"""An installation, an ATS with a signed webhook, a mail server, and Temporal with a clock that skips; all real."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from io import BytesIO
from pathlib import Path

import httpx
from sqlalchemy import select
from temporalio.client import Client

from api.app import create_app
from cli.demonstration.clock import StageClock
from cli.outbox import TemporalWalks, tell_all
from cli.publication import publication_of
from cli.serving import beside
from cli.timekeeper import Rest, Timekeeper
from rapport.ats.demo.courier import Hook
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.dsl.workspace import load_workspace
from rapport.mail.sink import Envelope, start_sink
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.bulk import StoreBulkDesk
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.import_people import import_people
from rapport.usecases.publish import publish
from rapport.wiring.ats import ats_work
from rapport.wiring.house import House, open_house
from tests.acceptance.processes import ROOT, until
from worker.dev_server import DevServerOptions, dev_server, free_port
from worker.run import serve
from workflows.bulk_client import Bulks
from workflows.client import Walks
from workflows.connection import connect

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_SECRET = "a secret that only the ATS and we know"  # noqa: S105  # of this test
_PEOPLE = """email,first_name,last_name,country,timezone,source,consent,consent_basis,consent_text
ana@people.test,Ana,Silva,DE,Europe/Berlin,career-site,nurture,consent,Yes
ben@people.test,Ben,Novak,DE,Europe/Berlin,career-site,nurture,consent,Yes
cleo@people.test,Cleo,Roux,DE,Europe/Berlin,career-site,nurture,consent,Yes
dan@people.test,Dan,Berg,DE,Europe/Berlin,career-site,nurture,consent,Yes
"""
_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
_HREF = re.compile(r'href="([^"]+)"')
PATIENCE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Town:
    """The parts of an installation, an ATS, and the mails that arrived."""

    vendor: str
    house: House
    clock: StageClock
    ats: DemoAts
    client: Client
    http: httpx.AsyncClient
    arrived: list[Envelope] = field(default_factory=list)

    async def person(self, name: str) -> str:
        """Our id of somebody."""
        async with self.house.store.read() as tx:
            query = select(CandidateRow.id).where(CandidateRow.email == f"{name}@people.test")
            return str(await tx.scalar(query))

    def applies(self, name: str, job: str, stage: str = "applied") -> str:
        """Somebody applies in the ATS."""
        self.ats.now = SystemClock().now()
        if name not in self.ats.people:
            self.ats.add_person(name, emails=[f"{name}@people.test"], first_name=name.title())
        return self.ats.apply(name, job, stage=stage)

    def ends(self, application: str, how: str, reason: str) -> None:
        """A recruiter ends an application."""
        self.ats.now = SystemClock().now()
        self.ats.end(application, how, reason=reason)  # type: ignore[arg-type]  # three words

    async def news(self) -> None:
        """Deliver what is told; what the vendor tells nobody of is found by a poll."""
        await self.ats.deliver()
        if self.vendor == "workable":
            desk = ats_work(self.house).desk
            while (await desk.poll_page("main")).more:
                pass

    async def walk(self, sequence: str, candidate: str) -> EnrollmentRow:
        """Somebody's walk, once it has begun."""
        found = await until(partial(self._walk, sequence, candidate), seconds=PATIENCE_SECONDS)
        assert found is not None
        return found

    async def _walk(self, sequence: str, candidate: str) -> EnrollmentRow | None:
        async with self.house.store.read() as tx:
            query = select(EnrollmentRow).where(
                EnrollmentRow.sequence == sequence, EnrollmentRow.candidate == candidate
            )
            return await tx.scalar(query)

    async def ended(self, enrollment: str) -> str:
        """How a walk ended, once it has."""

        async def end() -> str | None:
            async with self.house.store.read() as tx:
                return (await tx.get_one(EnrollmentRow, enrollment, populate_existing=True)).end_name

        return str(await until(end, seconds=PATIENCE_SECONDS))

    async def go_to(self, enrollment: str, at: datetime) -> None:
        """Let the time of a walk pass, and that of its person with it."""
        keeper = Timekeeper(client=self.client, walks=Walks(self.client), clock=SystemClock())

        async def settled() -> Rest | None:
            return await until(partial(keeper.rest, enrollment), seconds=PATIENCE_SECONDS)

        await keeper.until(at, settled)
        self.clock.set(enrollment.split("/")[1], at)

    async def mail(self, number: int) -> str:
        """The HTML of the mail that arrived as this one, once it has."""

        async def there() -> bool:
            return len(self.arrived) >= number

        await until(there, seconds=PATIENCE_SECONDS)
        letter = message_from_bytes(self.arrived[number - 1].raw, policy=policy.default)
        body = letter.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    async def follow(self, html: str) -> None:
        """Follow the first link of a mail, as a browser does."""
        link = httpx.URL(_HREF.findall(html)[0].replace("&amp;", "&"))
        answer = await self.http.get(link.raw_path.decode(), headers=_BROWSER)
        assert answer.is_redirect


@asynccontextmanager
async def a_town(folder: Path, vendor: str) -> AsyncIterator[Town]:
    """Start everything on free ports of this machine; the ATS is the demo ATS as this vendor."""
    port, arrived, clock = free_port(), list[Envelope](), StageClock(MONDAY)
    ats = DemoAts()
    sequences = await asyncio.to_thread(_sequences, folder, vendor)
    async with AsyncExitStack() as stack:

        async def keep(envelope: Envelope) -> None:
            arrived.append(envelope)

        sink = await start_sink("127.0.0.1", 0, keep)
        stack.push_async_callback(sink.close)
        options = DevServerOptions(log_file=folder / "temporal.log", time_skipping=True)
        server = await stack.enter_async_context(dev_server(options))
        settings = Settings(
            state_folder=folder,
            smtp_port=sink.port,
            api_port=port,
            public_url=f"http://127.0.0.1:{port}",
            temporal_address=server.address,
            click_settle=0,
            demo_ats_url=await stack.enter_async_context(served(ats.app())),
        )
        ats.hooks.append(Hook(url=f"{settings.public_url}/ats-events/main", speaks=vendor, secret=_SECRET))
        await migrate(settings.database)
        environ = {"GREENHOUSE_WEBHOOK_SECRET": _SECRET}
        house = await stack.enter_async_context(open_house(settings, clock, environ=environ))
        await publish(house.store, publication_of(load_workspace(sequences)), commit="story", at=MONDAY)
        await import_people(house.store, clock, BytesIO(_PEOPLE.encode()), pepper=settings.pepper)
        async with house.store.read() as tx:
            for person in await tx.scalars(select(CandidateRow.id)):
                clock.set(person, MONDAY + timedelta(hours=1))  # they have agreed before
        client = await connect(address=server.address, namespace="default")
        await stack.enter_async_context(_working(house, client, clock))
        app = create_app(house, clock, vendors=house.vendors)
        await stack.enter_async_context(beside(app, host="127.0.0.1", port=port))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=settings.public_url, trust_env=False))
        yield Town(vendor=vendor, house=house, clock=clock, ats=ats, client=client, http=http, arrived=arrived)


def _sequences(folder: Path, vendor: str) -> Path:
    """The sequences of this repository, with a history note for the ATS of a vendor."""
    copied = folder / "sequences"
    shutil.copytree(ROOT / "sequences", copied)
    project = copied / "project.yaml"
    text = project.read_text()
    assert "webhook_secret: GREENHOUSE_WEBHOOK_SECRET}" in text
    text = text.replace("WEBHOOK_SECRET}", "WEBHOOK_SECRET, history_note: true}")
    project.write_text(text.replace("vendor: greenhouse", f"vendor: {vendor}"))
    return copied


@asynccontextmanager
async def _working(house: House, client: Client, clock: StageClock) -> AsyncIterator[None]:
    """What `rapport worker` runs, in this process."""
    stop, bulk, ats = asyncio.Event(), StoreBulkDesk(house.store, clock), ats_work(house)
    dispatcher = Dispatcher(house.store, TemporalWalks(Walks(client)), clock, resend=house.desk.resend)
    outboxes = partial(tell_all, stop, dispatcher, BulkDispatcher(house.store, Bulks(client), bulk), ats.errands)
    running = asyncio.create_task(serve(house.desk, client=client, stop=stop, background=outboxes, ats=ats.desk))
    try:
        yield
    finally:
        stop.set()
        await running
