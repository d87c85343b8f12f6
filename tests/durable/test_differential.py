"""Whatever a marketer writes and whatever happens: the simulation is what the candidate gets."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from temporalio.client import Client

from rapport.dsl.plan import Plan
from rapport.engine.scenario import Calendar, Scenario
from tests.durable.sequences import scenario
from tests.durable.stage import on_stage
from tests.strategies import cases

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A case takes half a second; `make soak` sets hundreds.
_CASES = int(os.environ.get("RAPPORT_TEST_DIFFERENTIAL_CASES", "12"))


@settings(max_examples=_CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(case=cases())
async def test_any_walk_on_temporal_is_the_simulated_one(temporal: Client, case: tuple[Plan, dict[str, Any]]) -> None:
    """Instants, branches, mails, effects and the end are equal, for any sequence and any script."""
    plan, tree = case
    simulated = _simulated(plan, tree)
    assume(simulated.ends is not None)

    async with on_stage(temporal, simulated.scenario) as stage:
        await stage.start()
        result = await stage.act_out()

    world = simulated.time.world
    end = world.enrollments[stage.enrollment].end
    assert end is not None
    path = [(passed.step, passed.at, passed.outcome) for passed in simulated.time.state(stage.enrollment).path]
    assert path == [(step, at, outcome) for step, at, outcome in result.path]
    assert world.mails == stage.world.mails
    assert world.actions == stage.world.actions
    assert (end.name, end.at) == (result.end, result.at)


_numbers = iter(range(1_000_000))


def _simulated(plan: Plan, tree: dict[str, Any]) -> Calendar:
    """The simulation, without those lines of the script that come before their mail."""
    person = {**tree["candidate"], "id": f"c_{os.getpid()}_{next(_numbers)}"}
    tree = {**tree, "candidate": person}
    calendar = _run(plan, tree)
    while calendar.wrong:
        wrong = {place for place, _ in calendar.wrong}
        tree = {**tree, "when": [line for place, line in enumerate(tree["when"]) if place not in wrong]}
        calendar = _run(plan, tree)
    return calendar


def _run(plan: Plan, tree: dict[str, Any]) -> Calendar:
    built: Scenario = scenario(plan, **tree)
    return built.run()
