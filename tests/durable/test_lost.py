"""`rapport lost` and the line `walks` of `rapport doctor`: a walk that Temporal does not run is found and mended."""

import asyncio
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from temporalio.client import Client

from cli.doctor_checks import walks
from cli.findings import Warned
from cli.main import rapport
from cli.outbox import TemporalWalks
from rapport.clock import SystemClock
from rapport.errors import ConfigurationError
from rapport.settings import Settings
from rapport.store import enrollments
from rapport.store.database import Store
from rapport.usecases.crowd import Wish
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.dispatch import Walks as DispatchedTo
from rapport.usecases.enroll_many import enroll_many
from tests.durable.sequences import scenario
from tests.durable.stage import on_stage
from tests.durable.test_bulk_store import a_store
from tests.unit.store.worlds import url_of
from tests.unit.usecases.test_dispatch import Heard
from workflows.client import Walks
from workflows.fates import Fate, Fates

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLOCK = SystemClock()
# Walks on this queue are started and never walked.
NOBODY = "nobody-walks"


@pytest.fixture
def sequence(candidate: str) -> str:
    """A sequence whose walks no other test has."""
    return candidate.removeprefix("c_").replace("_", "-")


@pytest.fixture
def settings(tmp_path: Path, temporal: Client, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own on this Temporal."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url_of(tmp_path / "rapport.db"))
    monkeypatch.setenv("RAPPORT_TEMPORAL_ADDRESS", temporal.service_client.config.target_host)
    return Settings.from_environ(os.environ)


async def enrolled(store: Store, sequence: str, people: int, walks: DispatchedTo) -> None:
    """So many people are in the sequence, and their walks were started there."""
    names = [f"c_{number:03d}" for number in range(people)]
    async with store.write() as tx:
        await enroll_many(tx, CLOCK, Wish(sequence=sequence), names, cause="test")
    await Dispatcher(store, walks, CLOCK).drain()


async def terminated(temporal: Client, walk: str) -> None:
    """Somebody has terminated it, and Temporal's lists have heard of that."""
    await temporal.get_workflow_handle(walk).terminate()
    await listed(temporal, walk, "Terminated")


async def listed(temporal: Client, walk: str, status: str) -> None:
    """Temporal's lists, which are a moment behind, have heard that it has this status."""
    async with asyncio.timeout(20):
        while not (await temporal.count_workflows(f'WorkflowId = "{walk}" AND ExecutionStatus = "{status}"')).count:
            pass


async def called(*arguments: str) -> str:
    """What the command prints; it has an event loop of its own."""
    return (await asyncio.to_thread(CliRunner().invoke, rapport, arguments, standalone_mode=False)).output


async def test_a_terminated_walk_is_found_and_begins_again(
    tmp_path: Path, settings: Settings, temporal: Client, sequence: str
) -> None:
    """Whoever terminated it by mistake puts it right with one command; who is ended in its place is free again."""
    del settings
    one, other = f"{sequence}/c_000/1", f"{sequence}/c_001/1"
    idle = TemporalWalks(Walks(temporal, NOBODY))
    async with a_store(tmp_path, sequence, people=2) as store:
        await enrolled(store, sequence, 2, idle)
        before = await called("lost")
        for walk in (one, other):
            await terminated(temporal, walk)
        found = await called("lost")
        mended = await called("lost", "restart", one)
        await Dispatcher(store, idle, CLOCK).drain()
        ended = await called("lost", "end", "--all")
        async with store.read() as tx:
            states = [(await enrollments.get(tx, walk)).state for walk in (one, other)]
    await temporal.get_workflow_handle(one).terminate()

    assert ["No walk is lost.\n", f"{one}  terminated\n{other}  terminated\n"] == [before, found]
    assert [f"{one} begins again.\n", f"{other} has ended.\n"] == [mended, ended]
    assert ["running", "ended"] == states


async def test_doctor_says_when_temporal_has_lost_walks(
    tmp_path: Path, settings: Settings, temporal: Client, sequence: str
) -> None:
    """A Temporal whose database is gone looks healthy; only the two numbers tell."""
    people = 1 + await Fates(temporal).count_running()
    async with a_store(tmp_path, sequence, people) as store:
        await enrolled(store, sequence, people, Heard())
        with pytest.raises(ConfigurationError, match=f"{people} walks? under way in the store"):
            await walks(settings)


async def test_a_walk_that_only_temporal_knows_is_told(
    tmp_path: Path, settings: Settings, temporal: Client, sequence: str
) -> None:
    """After our database was restored, whoever was enrolled since the backup walks on in Temporal alone."""
    idle = TemporalWalks(Walks(temporal, NOBODY))
    known, stray = f"{sequence}/c_000/1", f"{sequence}/c_001/1"
    (tmp_path / "later").mkdir()
    async with (
        a_store(tmp_path, sequence, people=1) as backup,
        a_store(tmp_path / "later", sequence, people=2) as later,
    ):
        for store, people in ((backup, 1), (later, 2)):
            await enrolled(store, sequence, people, idle)
        for walk in (known, stray):
            await listed(temporal, walk, "Running")
        told, said = await called("lost", "strays"), await walks(settings)
    for walk in (known, stray):
        await temporal.get_workflow_handle(walk).terminate()

    assert (False, True) == (known in told, stray in told)
    assert isinstance(said, Warned)
    assert "rapport lost strays" in said


async def test_fates_tell_ends_and_walks_that_nobody_knows(temporal: Client, candidate: str) -> None:
    """A walk that came to its end is told with it, so that a restored store can be brought up to date."""
    async with on_stage(temporal, scenario(candidate={"id": candidate})) as stage:
        await stage.start()
        await stage.waits("Wait 7 days")
        running = await Fates(temporal).of_missing([stage.enrollment])
        await stage.walks.command(stage.enrollment, "cancel", "command/1")
        result = await stage.walks.handle(stage.enrollment).result()
        await listed(temporal, stage.enrollment, "Completed")
        fates = await Fates(temporal).of_missing([stage.enrollment, "nobody/c_nobody/1"])

        assert [] == running
        assert [
            Fate(enrollment=stage.enrollment, status="completed", result=result),
            Fate(enrollment="nobody/c_nobody/1", status="unknown"),
        ] == fates
