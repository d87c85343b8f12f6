"""A whole installation of real processes in a folder: Temporal with a file, workers, APIs, and a mail server here."""

import asyncio
import csv
import io
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from cli.publication import publication_of
from rapport.clock import SystemClock
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.usecases.import_people import import_people
from rapport.usecases.publish import publish
from tests.kill.processes import Kept, ours, temporal
from tests.kill.receiver import Receiver, receiving
from worker.dev_server import DevServerOptions, free_port

FLOWS = Path(__file__).parent / "flows"
_HOST = "127.0.0.1"
_NOON = 12
# Ten times what two busy cores need.
UP_WITHIN_SECONDS = 60
LOOK_EVERY = 0.1


@dataclass(frozen=True, kw_only=True)
class House:
    """The installation: its processes, its store as we see it, its mail server, and the doors of its APIs."""

    folder: Path
    settings: Settings
    workspace: Workspace
    store: Store
    receiver: Receiver
    temporal: Kept
    workers: Sequence[Kept]
    apis: Sequence[Kept]
    doors: Sequence[httpx.AsyncClient]

    @property
    def kept(self) -> Sequence[Kept]:
        """Every process, in the order in which they start."""
        return [self.temporal, *self.workers, *self.apis]

    async def up(self) -> None:
        """Wait until every door answers."""
        async with asyncio.timeout(UP_WITHIN_SECONDS):
            for door in self.doors:
                while not await _answers(door):  # noqa: ASYNC110  # another process; there is no event to wait for
                    await asyncio.sleep(LOOK_EVERY)


@asynccontextmanager
async def a_house(
    folder: Path, people: Sequence[str], receiver: Receiver, *, workers: int = 2, apis: int = 1
) -> AsyncIterator[House]:
    """Publish the flows, import these people, and start everything; nothing is left running at the end."""
    workspace = load_workspace(FLOWS)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(receiving(receiver))
        settings = Settings(
            state_folder=folder,
            temporal_address=f"{_HOST}:{free_port()}",
            smtp_port=receiver.port,
        )
        store = await filled(settings, workspace, people)
        stack.push_async_callback(store.close)
        house = await _house(stack, workspace, settings, store, receiver, workers=workers, apis=apis)
        for kept in house.kept:
            kept.start()
            stack.push_async_callback(kept.stop)
            await asyncio.wait_for(kept.up(), UP_WITHIN_SECONDS)
        await house.up()
        yield house


def environment(settings: Settings, port: int) -> dict[str, str]:
    """What a process of this installation is told; the links in mails lead to this port."""
    return {
        **os.environ,
        "RAPPORT_CLICK_SETTLE": "0",  # these people click within seconds, and must be heard
        "RAPPORT_STATE_FOLDER": str(settings.state_folder),
        "RAPPORT_TEMPORAL_ADDRESS": settings.temporal_address,
        "RAPPORT_SMTP_PORT": str(settings.smtp_port),
        "RAPPORT_API_PORT": str(port),
        "RAPPORT_PUBLIC_URL": f"http://{_HOST}:{port}",
    }


def rows(people: Sequence[str], now: datetime) -> bytes:
    """People for `rapport import`, who live where it is about noon: no mail waits for the morning."""
    # The sign in these names is turned around: Etc/GMT-3 is three hours ahead of UTC.
    ahead = _NOON - now.hour
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(
        ["email", "first_name", "timezone", "country", "consent", "consent_basis", "source", "consent_text"]
    )
    for email in people:
        agreed = ["nurture", "consent", "fair", "Yes, Acme may send me mails."]
        written.writerow([email, "Ada", f"Etc/GMT{-ahead:+d}", "DE", *agreed])
    return text.getvalue().encode()


async def filled(settings: Settings, workspace: Workspace, people: Sequence[str]) -> Store:
    """Publish the flows and import these people."""
    clock = SystemClock()
    await migrate(settings.database)
    store = Store.open(settings.database)
    await publish(store, publication_of(workspace), commit="test", at=clock.now())
    report = await import_people(store, clock, io.BytesIO(rows(people, clock.now())), pepper=settings.pepper)
    assert not report.problems, report.problems
    return store


async def _house(
    stack: AsyncExitStack,
    workspace: Workspace,
    settings: Settings,
    store: Store,
    receiver: Receiver,
    *,
    workers: int,
    apis: int,
) -> House:
    folder, ports = settings.state_folder, [free_port() for _ in range(apis)]
    options = DevServerOptions(
        log_file=folder / "temporal.log",
        port=int(settings.temporal_address.rpartition(":")[2]),
        db_file=folder / "temporal.db",
    )
    doors = [
        await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://{_HOST}:{port}", timeout=30, trust_env=False)
        )
        for port in ports
    ]
    at_home = environment(settings, ports[0])
    return House(
        folder=folder,
        settings=settings,
        workspace=workspace,
        store=store,
        receiver=receiver,
        temporal=Kept(name="temporal", life=temporal(options)),
        workers=[
            Kept(
                name=f"worker {number}", life=ours(["worker"], log=folder / f"worker{number}.log", environment=at_home)
            )
            for number in range(workers)
        ],
        apis=[
            Kept(
                name=f"api {port}",
                life=ours(["api"], log=folder / "api.log", environment=environment(settings, port)),
            )
            for port in ports
        ],
        doors=doors,
    )


def _door(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{_HOST}:{port}", timeout=30, trust_env=False)


async def _answers(door: httpx.AsyncClient) -> bool:
    try:
        return (await door.get("/healthz")).is_success
    except httpx.HTTPError:
        return False
