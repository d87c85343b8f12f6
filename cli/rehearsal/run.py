"""Every case of a run on one Temporal server, many at once, with progress."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.rehearsal.desks import Desks
from cli.rehearsal.play import Rehearsal
from cli.rehearsal.store import Stores
from cli.test_cases import Judged
from cli.timekeeper import Timekeeper
from rapport.clock import SystemClock
from worker.dev_server import DevServerOptions, dev_server
from worker.run import serve
from workflows.client import Walks
from workflows.connection import connect

# More walks at once only wait for each other on two cores.
_AT_ONCE = 8


def rehearse(judged: Sequence[Judged]) -> Sequence[Judged]:
    """Play every case on Temporal as well, and judge it by what comes of it there; a wrong script is left as it is."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-test-"))
    found = asyncio.run(_rehearse(judged, folder))
    # Whatever raised has left it, with the log of the server.
    shutil.rmtree(folder)
    return found


async def _rehearse(judged: Sequence[Judged], folder: Path) -> Sequence[Judged]:
    gate = asyncio.Semaphore(_AT_ONCE)
    async with _stage(judged, folder) as rehearsal:
        with _progress() as progress:
            task = progress.add_task("On Temporal", total=len(judged))

            async def play(number: int, one: Judged) -> Judged:
                async with gate:
                    calendar = one.verdict.calendar
                    real = None if calendar.wrong else await rehearsal.play(calendar.scenario, number)
                    progress.advance(task)
                    return one.on_temporal(real) if real else one

            return await asyncio.gather(*(play(number, one) for number, one in enumerate(judged, 1)))


def _progress() -> Progress:
    """On standard error, so that results may be piped; nothing where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@asynccontextmanager
async def _stage(judged: Sequence[Judged], folder: Path) -> AsyncIterator[Rehearsal]:
    """A server and a worker; they are stopped at the end."""
    clock, stores, desks, stop = SystemClock(), Stores(folder=folder), Desks(), asyncio.Event()
    sequences = {one.case.sequence: one.case.checked for one in judged}
    await stores.prepare(judged[0].case.project.source, sequences, clock.now())
    async with dev_server(DevServerOptions(log_file=folder / "temporal.log", time_skipping=True)) as server:
        client = await connect(address=server.address, namespace="default")
        serving = asyncio.create_task(serve(desks, client=client, stop=stop))
        try:
            timekeeper = Timekeeper(client=client, walks=Walks(client), clock=clock)
            yield Rehearsal(timekeeper=timekeeper, stores=stores, desks=desks)
        finally:
            stop.set()
            await serving
