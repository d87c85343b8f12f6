"""Everything that the demo runs on: a Temporal server, a worker, the API, an inbox, an ATS; all real, all here."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client

from api.app import create_app
from api.inbox.app import create_inbox
from api.temporal import LiveWalks
from cli.demonstration.cast import PEOPLE, Part
from cli.demonstration.clock import StageClock
from cli.demonstration.conductor import Conductor
from cli.demonstration.deeds import Doors
from cli.demonstration.mailbox import Mailboxes
from cli.demonstration.observer import Observer
from cli.demonstration.verdict import Judge
from cli.outbox import TemporalWalks, tell_all
from cli.publication import publication_of
from cli.serving import beside
from cli.timekeeper import Timekeeper
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.ats.demo.world import Person
from rapport.clock import SystemClock
from rapport.dsl.build import read_start
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace
from rapport.engine.virtual import Target
from rapport.errors import BadInput
from rapport.settings import Settings
from rapport.store.migrate import migrate
from rapport.usecases.bulk import StoreBulkDesk
from rapport.usecases.bulk_dispatch import BulkDispatcher
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.import_people import import_people
from rapport.usecases.privacy_dispatch import ErasureDispatcher
from rapport.usecases.publish import publish
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.wiring.house import House, open_house
from rapport.wiring.privacy import privacy_desk
from worker.dev_server import DevServerOptions, dev_server, free_port
from worker.run import serve
from workflows.bulk_client import Bulks
from workflows.client import Walks
from workflows.connection import connect
from workflows.privacy_client import Erasures

# Before the first walk of the cast begins; consent that people gave on import counts from here.
BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
_HOST = "127.0.0.1"
_EVENT_DESK = {"EVENT_DESK_URL", "EVENT_DESK_SECRET"}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The demo, ready to be played; `addresses` are pages to look at."""

    conductor: Conductor
    judge: Judge
    ats: DemoAts
    addresses: Mapping[str, str]

    def prepare(self, candidate: str, part: Part) -> None:
        """Let the ATS know the application as it will be when the walk asks."""
        if not part.application:
            return
        status = "active" if part.reopens else "rejected"
        known = {key: value for key, value in part.application.items() if key != "reopens"}
        self.ats.people[candidate] = Person(fields={"emails": [part.email]}, applications=[{**known, "status": status}])


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Free ports, so that a demo never meets what already runs here."""

    folder: Path
    api: int
    inbox: int
    smtp: int
    ui: int

    @property
    def settings(self) -> Settings:
        """The settings of this installation."""
        return Settings(
            state_folder=self.folder,
            smtp_port=self.smtp,
            api_port=self.api,
            public_url=f"http://{_HOST}:{self.api}",
        )


@asynccontextmanager
async def staged(folder: Path, workspace: Workspace, project: Project) -> AsyncIterator[Stage]:
    """Start everything, publish the sequences and import the cast; all is stopped at the end."""
    places = _Places(folder=folder, api=free_port(), inbox=free_port(), smtp=free_port(), ui=free_port())
    settings, clock, ats = places.settings, StageClock(BEGINNING), DemoAts()
    await migrate(settings.database, pepper=settings.pepper)
    async with AsyncExitStack() as stack:
        options = DevServerOptions(log_file=folder / "temporal.log", ui_port=places.ui, time_skipping=True)
        server = await stack.enter_async_context(dev_server(options))
        desk = await stack.enter_async_context(served(_event_desk))
        demo_ats = await stack.enter_async_context(served(ats.app()))
        settings = replace(settings, temporal_address=server.address, demo_ats_url=demo_ats)
        house = await stack.enter_async_context(open_house(settings, clock, environ=_secrets(desk)))
        await _fill(house, workspace, clock)
        client = await connect(address=server.address, namespace="default")
        await stack.enter_async_context(_working(house, client, clock))
        await _serve_pages(stack, house, clock, places)
        yield await _stage(stack, house, client, _Parts(workspace=workspace, project=project, places=places, ats=ats))


@dataclass(frozen=True, kw_only=True)
class _Parts:
    workspace: Workspace
    project: Project
    places: _Places
    ats: DemoAts


async def _stage(stack: AsyncExitStack, house: House, client: Client, parts: _Parts) -> Stage:
    api, inbox = f"http://{_HOST}:{parts.places.api}", f"http://{_HOST}:{parts.places.inbox}"
    http = await stack.enter_async_context(httpx.AsyncClient(base_url=api, timeout=30, trust_env=False))
    letters = await stack.enter_async_context(httpx.AsyncClient(base_url=inbox, timeout=30, trust_env=False))
    walks = Walks(client)
    observer = Observer(store=house.store, signer=house.signer, pepper=house.settings.pepper)
    doors = Doors(api=http, smtp_port=parts.places.smtp, mailboxes=Mailboxes(letters), observer=observer)
    assert isinstance(house.clock, StageClock)  # noqa: S101  # opened with it above
    timekeeper = Timekeeper(client=client, walks=walks, clock=house.clock)
    sequences = parts.workspace.sequences
    return Stage(
        conductor=Conductor(timekeeper=timekeeper, doors=doors, observer=observer, clock=house.clock),
        judge=Judge(
            plans={name: checked.plan for name, checked in sequences.items()},
            targets={name: _target(checked.plan, checked.tree) for name, checked in sequences.items()},
            project=parts.project,
            observer=observer,
            walks=walks,
        ),
        ats=parts.ats,
        addresses={"Temporal UI": f"http://{_HOST}:{parts.places.ui}", "API": f"{api}/docs", "Inbox": inbox},
    )


def _target(plan: Any, tree: Mapping[str, Any]) -> Target:
    return Target(plan=plan, start=read_start(tree.get("start") or {}))


async def _fill(house: House, workspace: Workspace, clock: StageClock) -> None:
    """Publish the sequences and import the cast, as `rapport publish` and `rapport import` do."""
    await publish(house.store, publication_of(workspace), commit="demo", at=clock.now())
    with PEOPLE.open("rb") as file:
        report = await import_people(house.store, clock, file, pepper=house.settings.pepper)
    if report.problems:
        raise BadInput(place=str(PEOPLE), message=str(report.problems[0]), hint="Mend the list of people.")


@asynccontextmanager
async def _working(house: House, client: Client, clock: StageClock) -> AsyncIterator[None]:
    """What `rapport worker` runs, in this process."""
    stop, bulk, segments = asyncio.Event(), StoreBulkDesk(house.store, clock), SegmentKeeper(house.store, clock)
    dispatcher = Dispatcher(house.store, _OnStage(Walks(client), clock), clock, resend=house.desk.resend)
    bulks, erasures = BulkDispatcher(house.store, Bulks(client), bulk), ErasureDispatcher(house.store, Erasures(client))
    outboxes = partial(tell_all, stop, dispatcher, bulks, segments, erasures)
    running = asyncio.create_task(
        serve(house.desk, client=client, stop=stop, background=outboxes, bulk=bulk, privacy=privacy_desk(house))
    )
    try:
        yield
    finally:
        stop.set()
        await running


class _OnStage(TemporalWalks):
    """Starts a walk with the distance between its time and the real time, measured when it really starts."""

    def __init__(self, walks: Walks, clock: StageClock) -> None:
        super().__init__(walks)
        self._clock = clock

    async def start(self, walk: Mapping[str, Any]) -> None:
        """Start a walk in its own time."""
        shift = self._clock.shift(datetime.fromisoformat(walk["enrolled_at"]))
        await super().start({**walk, "shift": shift.total_seconds()})


async def _serve_pages(stack: AsyncExitStack, house: House, clock: StageClock, places: _Places) -> None:
    """The API with the stage's clock, and the inbox with its SMTP server."""
    app = create_app(house, clock, connect=lambda: LiveWalks.connect(house.settings), vendors=house.vendors)
    await stack.enter_async_context(beside(app, host=_HOST, port=places.api))
    inbox = create_inbox(house.settings, SystemClock(), smtp_port=places.smtp, api_url=f"http://{_HOST}:{places.api}")
    await stack.enter_async_context(beside(inbox, host=_HOST, port=places.inbox))


def _secrets(event_desk: str) -> dict[str, str]:
    """What project.yaml names: the webhook of the event desk."""
    values = {"EVENT_DESK_URL": event_desk, "EVENT_DESK_SECRET": "whsec_ZGVtby1vbmx5LW5vdC1hLXNlY3JldA=="}
    return {name: values[name] for name in _EVENT_DESK}


async def _event_desk(scope: Any, receive: Any, send: Any) -> None:
    """The event desk's webhook: takes every call."""
    del scope
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
