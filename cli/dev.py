"""`rapport dev`: everything on this machine, started together and stopped in order."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import click
import httpx

from cli.children import Child, live_as, rapport_command
from cli.dev_ats import ATS_PORT, DevAts
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import existing_folder, installed
from cli.publication import publication_of
from cli.publish import said
from cli.serving import listen
from cli.sink import WEB_PORT
from rapport.dsl.problem import as_text
from rapport.dsl.workspace import Workspace
from rapport.settings import Settings
from rapport.usecases.checked_folder import checked_folder
from rapport.usecases.publish import publish
from worker.dev_server import DevServerOptions, dev_server

UI_PORT = 8233
_TEMPORAL_PORT = 7233
_HOST = "127.0.0.1"
# Names reserved for tests (RFC 2606), so that nothing can leave by mistake, and no scanner is waited for where there is
# none; whoever sets others keeps them.
_DEFAULTS = {
    "RAPPORT_CLICK_SETTLE": "0",
    "RAPPORT_MAIL_DOMAIN": "mail.test",
    "RAPPORT_REPLY_DOMAIN": "reply.test",
    "RAPPORT_BOUNCE_DOMAIN": "bounce.test",
}
_UP_WITHIN = timedelta(seconds=60)
_LOOK_EVERY = 0.2  # seconds
_GRACE = timedelta(seconds=10)
_WORKER_GRACE = timedelta(seconds=45)  # it finishes the mail that it is sending, which it does within 40 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything listens and keeps its state."""

    settings: Settings
    ui_port: int
    inbox_port: int
    ats: DevAts

    @property
    def temporal_port(self) -> int:
        """The port of the Temporal server."""
        return int(self.settings.temporal_address.rpartition(":")[2])

    @property
    def ports(self) -> Mapping[str, int]:
        """Every port that is needed, by what changes it."""
        return {
            "RAPPORT_TEMPORAL_ADDRESS": self.temporal_port,
            "--ui-port": self.ui_port,
            "RAPPORT_API_PORT": self.settings.api_port,
            "RAPPORT_SMTP_PORT": self.settings.smtp_port,
            "--inbox-port": self.inbox_port,
            **({"--ats-port": self.ats.port} if self.ats.is_used else {}),
        }

    @property
    def environment(self) -> dict[str, str]:
        """What the children are told."""
        settings = self.settings
        return {
            **_DEFAULTS,
            **self.ats.environment,
            **os.environ,
            "RAPPORT_STATE_FOLDER": str(settings.state_folder),
            "RAPPORT_TEMPORAL_ADDRESS": f"{_HOST}:{self.temporal_port}",
            "RAPPORT_TEMPORAL_NAMESPACE": "default",
            "RAPPORT_API_HOST": _HOST,
            "RAPPORT_PUBLIC_URL": settings.public_url,
            "RAPPORT_SMTP_HOST": _HOST,
            "RAPPORT_SMTP_TLS": "none",
            "RAPPORT_SMTP_USER": "",
        }

    def log(self, name: str) -> Path:
        """Where a child's words go."""
        return self.settings.state_folder / "logs" / f"{name}.log"


@click.command(short_help="Start everything on this machine: Temporal, worker, API and an inbox.")
@click.option("--sequences", type=click.Path(exists=True, file_okay=False, path_type=Path), help="What to publish.")
@click.option("--ui-port", default=UI_PORT, show_default=True, help="The port of Temporal's web pages.")
@click.option("--inbox-port", default=WEB_PORT, show_default=True, help="The port of the inbox's web pages.")
@click.option("--ats-port", default=ATS_PORT, show_default=True, help="The port of the demo ATS.")
def dev(sequences: Path | None, ui_port: int, inbox_port: int, ats_port: int) -> int:
    """Publish the folder `sequences`, start all parts, and keep them running until Ctrl-C."""
    workspace = checked_folder(sequences or existing_folder("sequences"))
    if workspace.problems:
        click.echo(as_text(workspace.problems), err=True)
    if workspace.has_errors:
        click.echo("Correct these first; nothing was started.", err=True)
        return EXIT_PROBLEMS
    ats = DevAts.of(workspace, port=ats_port, environ=os.environ)
    settings = _local(Settings.from_environ(os.environ))
    place = Place(settings=settings, ui_port=ui_port, inbox_port=inbox_port, ats=ats)
    asyncio.run(_run(place, workspace))
    return EXIT_OK


def _local(settings: Settings) -> Settings:
    """Everything on this machine: an address elsewhere would send real mails."""
    public = settings.public_url if "RAPPORT_PUBLIC_URL" in os.environ else f"http://{_HOST}:{settings.api_port}"
    # Never what a profile names: this server is started here, on the port that an address of ours says.
    temporal = settings.temporal_address or f"{_HOST}:{_TEMPORAL_PORT}"
    return replace(
        settings,
        state_folder=settings.state_folder.resolve(),
        api_host=_HOST,
        public_url=public,
        temporal_address=temporal,
    )


async def _run(place: Place, workspace: Workspace) -> None:
    for setting, port in place.ports.items():
        listen(_HOST, port, setting=setting).close()
    place.log("any").parent.mkdir(parents=True, exist_ok=True)
    async with installed(place.settings) as here:
        report = await publish(here.store, publication_of(workspace), commit="working-tree", at=here.clock.now())
    click.echo(said(report))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    children = _children(place)
    try:
        await _start(place, children, stop)
        await stop.wait()
    finally:
        click.echo("Stopping.")
        # The worker first: it finishes its mails while everything else is still there.
        for child in reversed(children):
            await child.stop()
        click.echo("Stopped.")


async def _start(place: Place, children: Sequence[Child], stop: asyncio.Event) -> None:
    stopped = asyncio.create_task(stop.wait())
    starting = asyncio.create_task(_one_by_one(place, children))
    await asyncio.wait([stopped, starting], return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
    for task in (stopped, starting):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _one_by_one(place: Place, children: Sequence[Child]) -> None:
    api = f"http://{_HOST}:{place.settings.api_port}"
    inbox = f"http://{_HOST}:{place.inbox_port}"
    try:
        async with asyncio.timeout(_UP_WITHIN.total_seconds()):
            for child in children:
                child.start()
                await child.up.wait()
            await _answers(f"{api}/healthz")
            await _answers(f"{inbox}/mails.json")
    except TimeoutError:
        click.echo(f"Not everything is up after {_UP_WITHIN.total_seconds():.0f} s; the logs say why.", err=True)
    click.echo(_addresses(place, api, inbox))


async def _answers(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            with suppress(httpx.HTTPError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(_LOOK_EVERY)


def _addresses(place: Place, api: str, inbox: str) -> str:
    return "\n".join(
        [
            "",
            f"  API and its docs   {api}/docs",
            f"  Inbox              {inbox}",
            *([f"  Demo ATS           {place.ats.address}"] if place.ats.is_used else []),
            f"  Temporal UI        http://{_HOST}:{place.ui_port}",
            f"  State and logs     {place.settings.state_folder}",
            "",
            "Ready. Ctrl-C stops everything.",
        ]
    )


def _children(place: Place) -> list[Child]:
    """In the order in which they start; they stop the other way round."""

    async def temporal(up: asyncio.Event) -> int:
        options = DevServerOptions(
            log_file=place.log("temporal"),
            port=place.temporal_port,
            ui_port=place.ui_port,
            db_file=place.settings.state_folder / "temporal.db",
        )
        async with dev_server(options) as server:
            up.set()
            return await server.process.wait()

    ats = place.ats.life(place.settings, place.environment) if place.ats.is_used else None
    return [
        Child(name="temporal", life=temporal, say=click.echo),
        *([Child(name="ats", life=ats, say=click.echo)] if ats else []),
        _own(place, "sink", ("sink", "--port", str(place.inbox_port)), _GRACE),
        _own(place, "api", ("api",), _GRACE),
        _own(place, "worker", ("worker",), _WORKER_GRACE),
    ]


def _own(place: Place, name: str, arguments: Sequence[str], grace: timedelta) -> Child:
    async def life(up: asyncio.Event) -> int:
        command = rapport_command(*arguments)
        return await live_as(command, up, log=place.log(name), environment=place.environment, grace=grace)

    return Child(name=name, life=life, say=click.echo)
