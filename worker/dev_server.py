"""Temporal's own development server as a process of ours: for `rapport dev`, the demo and tests only."""

import asyncio
import socket
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from rapport.errors import TemporaryFailure
from workflows.search_attributes import registration

_HOST = "127.0.0.1"
# It starts in 0.3 s on two cores; a laptop that is swapping needs longer.
_START_SECONDS = 30
_BETWEEN_LOOKS = 0.05
# It obeys SIGTERM in about 1.2 s.
_STOP_SECONDS = 5
# Experimental switches, for tests and the demo: each walk gets a clock of its own that can be moved forward.
_TIME_SKIPPING = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="10ms"')
# Without it a campaign's backlog comes before everybody else's; one partition, because fairness holds within one.
_FAIRNESS = (
    "matching.enableFairness=true",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)


class DevServerFailed(TemporaryFailure):
    """The development server did not come up."""

    def __init__(self, *, problem: str, log_file: Path) -> None:
        self.problem, self.log_file = problem, log_file
        super().__init__(
            f"Temporal's development server did not start: {problem}.",
            hint=f"Its last words are in {log_file}; is the port taken?",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DevServerOptions:
    """Where the server listens and keeps its state; a port 0 is any free one, no `db_file` keeps all in memory."""

    log_file: Path
    port: int = 0
    ui_port: int | None = None
    db_file: Path | None = None
    retention: timedelta = timedelta(days=30)
    time_skipping: bool = False
    search_attributes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DevServer:
    """A server that answers; `ui_url` is None when it runs without its web pages."""

    address: str
    ui_url: str | None
    process: asyncio.subprocess.Process


@asynccontextmanager
async def dev_server(options: DevServerOptions) -> AsyncIterator[DevServer]:
    """Start the server, wait until it answers, and stop it at the end; DevServerFailed names the log."""
    port = options.port or free_port()
    with options.log_file.open("ab") as log:
        # A session of its own: Ctrl-C reaches us alone, and we stop the worker before its server.
        process = await asyncio.create_subprocess_exec(
            _binary(), *_arguments(options, port), stdout=log, stderr=log, start_new_session=True
        )
    try:
        client = await _answering(process, port, options.log_file)
        await _keep_for(client, options.retention)
        ui_url = f"http://{_HOST}:{options.ui_port}" if options.ui_port else None
        yield DevServer(address=f"{_HOST}:{port}", ui_url=ui_url, process=process)
    finally:
        await stop_process(process)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def stop_process(process: asyncio.subprocess.Process) -> None:
    """Ask it to stop, and kill it if it has not after 5 s."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _binary() -> str:
    """The `temporal` of the environment that we run in, wherever PATH leads."""
    return str(Path(sysconfig.get_path("scripts")) / "temporal")


def _arguments(options: DevServerOptions, port: int) -> list[str]:
    """The command line."""
    ui = ["--ui-port", str(options.ui_port), "--ui-disable-news-fetch"] if options.ui_port else ["--headless"]
    database = ["--db-filename", str(options.db_file)] if options.db_file else []
    dynamic = [*_FAIRNESS, *(_TIME_SKIPPING if options.time_skipping else ())]
    known = registration() if options.search_attributes else {}
    return [
        *("server", "start-dev", "--ip", _HOST, "--port", str(port), "--log-level", "warn", *ui, *database),
        *(word for name, kind in known.items() for word in ("--search-attribute", f"{name}={kind}")),
        *(word for setting in dynamic for word in ("--dynamic-config-value", setting)),
    ]


async def _answering(process: asyncio.subprocess.Process, port: int, log_file: Path) -> Client:
    """Look until the server answers, has died, or has had its time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_START_SECONDS):
            while process.returncode is None:
                if client := await _healthy(port):
                    return client
                await asyncio.sleep(_BETWEEN_LOOKS)
            raise DevServerFailed(problem=f"it ended with {process.returncode}", log_file=log_file)
    raise DevServerFailed(problem=f"no answer in {_START_SECONDS} s", log_file=log_file)


async def _healthy(port: int) -> Client | None:
    """The client of a server that serves; a refused connection is cheaper to find out by a plain socket."""
    try:
        _, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return None
    writer.close()
    try:
        # Not `connect`: a profile's API key or certificate is for another server.
        client = await Client.connect(f"{_HOST}:{port}")
        return client if await client.service_client.check_health() else None
    except (RPCError, RuntimeError):
        return None


async def _keep_for(client: Client, retention: timedelta) -> None:
    """Keep ended walks for as long; the server's own 24 hours are over before anybody has looked."""
    lasting = Duration()
    lasting.FromTimedelta(retention)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace, config=NamespaceConfig(workflow_execution_retention_ttl=lasting)
        )
    )
