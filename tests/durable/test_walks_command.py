"""`rapport walks` on a walk that runs: what an operator types reaches it through the outbox."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from temporalio.client import Client

from cli.main import rapport
from cli.outbox import TemporalWalks
from rapport.clock import SystemClock
from rapport.dsl.plan import compile_plan
from rapport.store.database import Store
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.enroll import enroll_now
from tests.builders import yaml
from tests.durable.sequences import scenario
from tests.durable.stage import on_stage
from tests.unit.store.worlds import a_database, a_person, opened, published

pytestmark = pytest.mark.asyncio(loop_scope="session")

REST = "{purpose: service, defaults: {from: talent-team}, steps: [{id: rest, wait: 30 days}]}"
CLOCK = SystemClock()


async def test_a_running_walk_obeys_the_command_line(
    tmp_path: Path, temporal: Client, candidate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands still, goes on and ends as the operator types, and Temporal knows it each time."""
    url = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    part = scenario(compile_plan("rest", yaml(REST)), candidate={"id": candidate})
    async with on_stage(temporal, part) as stage, opened(url) as store:
        walk = await _enrolled(store, candidate)
        outbox = Dispatcher(store, TemporalWalks(stage.walks), CLOCK)
        await outbox.drain()
        await stage.waits("Wait 30 days")
        for command, then in (("pause", "Paused"), ("resume", "Wait 30 days")):
            await _typed(command, walk)
            await outbox.drain()
            await stage.waits(then)
        await _typed("cancel", walk)
        await outbox.drain()
        result = await stage.walks.handle(walk).result()

    assert stage.enrollment == walk
    assert "cancelled" == result.end


async def _enrolled(store: Store, candidate: str) -> str:
    await published(store, rest=REST)
    async with store.write() as tx:
        await a_person(tx, candidate)
    return (await enroll_now(store, CLOCK, sequence="rest", candidate=candidate, cause="test")).id


async def _typed(command: str, walk: str) -> None:
    """The command has an event loop of its own."""
    typed = ("walks", command, walk)
    result = await asyncio.to_thread(CliRunner().invoke, rapport, typed, standalone_mode=False)
    assert 0 == result.return_value, result.output
