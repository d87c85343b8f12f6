"""What a marketer simulates is what candidates get: the same cases on Temporal, with the real store and desk."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from temporalio.client import Client

from cli.rehearsal.desks import Desks
from cli.rehearsal.play import Rehearsal
from cli.rehearsal.store import Stores
from cli.timekeeper import Timekeeper
from rapport.clock import SystemClock
from rapport.dsl.loader import load_text
from rapport.dsl.plan import Plan, compile_plan, version_of
from rapport.dsl.project import Project
from rapport.dsl.workspace import CheckedSequence
from rapport.engine.agreement import timelines
from rapport.engine.result import Result
from rapport.engine.scenario import Scenario
from rapport.engine.state import End
from tests.durable.sequences import FADING, PROJECT, scenario
from tests.strategies import cases
from worker.run import serve
from workflows.client import Walks

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A case takes half a second; `make soak` sets hundreds.
_CASES = int(os.environ.get("RAPPORT_TEST_DIFFERENTIAL_CASES", "12"))
_QUEUE = "rehearsed"
_numbers = iter(range(1, 1_000_000))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rehearsal(temporal: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rehearsal]:
    """A worker that serves every case of this module."""
    desks, stop, clock = Desks(), asyncio.Event(), SystemClock()
    serving = asyncio.create_task(serve(desks, client=temporal, stop=stop, queue=_QUEUE))
    timekeeper = Timekeeper(client=temporal, walks=Walks(temporal, _QUEUE), clock=clock)
    yield Rehearsal(timekeeper=timekeeper, stores=Stores(folder=tmp_path_factory.mktemp("stores")), desks=desks)
    stop.set()
    await serving


@settings(max_examples=_CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases(), project=st.sampled_from((PROJECT, FADING)))
async def test_any_case_on_temporal_and_the_store_is_the_simulated_one(
    rehearsal: Rehearsal, case: tuple[Plan, dict[str, Any]], project: Project
) -> None:
    """Instants, branches, mails, effects, the score and the end are equal, for any sequence and any script."""
    plan, tree = case
    simulated = _simulated(plan, tree, project)
    assume(simulated.end is not None)
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder=Path(folder))
        await stores.prepare(project.source, {plan.sequence: _checked(plan)}, SystemClock().now())

        real = await replace(rehearsal, stores=stores).play(simulated.scenario, next(_numbers))

    rows = timelines(simulated.result, real, fields=("score", "tags", "pools", "stage"))
    assert [] == [row for row in rows if not row.holds]


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ([{"id": "warm", "score": {"add": 5}}, {"id": "hot", "score": {"add": 5}}], "added_to_pool"),
        ([{"id": "hot", "score": {"add": 20}}, {"id": "cold", "score": {"set": 1}}], "removed_from_pool"),
        ([{"id": "in", "pool": {"add": "engineering"}}, {"id": "warm", "tag": {"add": "warm"}}], "added_to_pool"),
    ],
)
async def test_a_step_that_moves_somebody_between_segments_ends_the_walk_alike(
    rehearsal: Rehearsal, steps: list[Any], end: str
) -> None:
    """A segment that a walk's own step leads into is its exit, in the simulation and in life, at the same step."""
    ends = [{"added_to_pool": "hot-engineers"}]
    if any("score" in step for step in steps):
        ends = [{end: "hot"}]
    mail = {"id": "never", "send": "welcome"}
    tree = {"purpose": "nurture", "exit": ends, "defaults": {"from": "talent-team"}, "steps": [*steps, mail]}
    plan = compile_plan(f"moves-{steps[0]['id']}-{end.replace('_', '-')}", tree)
    simulated = _simulated(plan, {"candidate": {"country": "DE", "score": 0}, "when": []})
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder=Path(folder))
        await stores.prepare(PROJECT.source, {plan.sequence: _checked(plan)}, SystemClock().now())

        real = await replace(rehearsal, stores=stores).play(simulated.scenario, next(_numbers))

    rows = timelines(simulated.result, real, fields=("score", "tags", "pools", "stage"))
    assert (end, []) == (simulated.end and simulated.end.name, [row for row in rows if not row.holds])


async def test_the_day_of_the_last_mail_is_known_alike(rehearsal: Rehearsal) -> None:
    """A condition behind a mail sees that it was sent, in the simulation and in life."""
    asks = {"candidate.last_contacted_on": {"after": "2020-01-01"}}
    then = [{"id": "new", "tag": {"add": "written-to"}}]
    steps = [
        {"id": "early", "if": asks, "then": [{"id": "old", "tag": {"add": "known-before"}}]},
        {"id": "hello", "send": "welcome"},
        {"id": "late", "if": asks, "then": then},
    ]
    plan = compile_plan("written-to", {"purpose": "nurture", "defaults": {"from": "talent-team"}, "steps": steps})
    simulated = _simulated(plan, {"candidate": {"country": "DE"}, "when": []})
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder=Path(folder))
        await stores.prepare(PROJECT.source, {plan.sequence: _checked(plan)}, SystemClock().now())

        real = await replace(rehearsal, stores=stores).play(simulated.scenario, next(_numbers))

    rows = timelines(simulated.result, real, fields=("tags",))
    assert (["written-to"], []) == (simulated.result.of_candidate("tags"), [row for row in rows if not row.holds])


_WEEK = {"id": "week", "wait": "7 days"}


@pytest.mark.parametrize(
    ("steps", "exits", "end", "score"),
    [
        ([_WEEK, {"id": "up", "score": {"add": 4}}, {"id": "w2", "wait": "7 days"}], [], "end", 7),
        ([{"id": "month", "wait": "30 days"}], [{"removed_from_pool": "hot"}], "removed_from_pool", 9),
        (
            [_WEEK, {"id": "set", "score": {"set": 40}}, {"id": "r", "wait_for": "replied", "within": "90 days"}],
            [{"removed_from_pool": "hot"}],
            "removed_from_pool",
            9,
        ),
    ],
)
async def test_a_score_that_fades_is_the_simulated_one_on_temporal(
    rehearsal: Rehearsal, steps: list[Any], exits: list[Any], end: str, score: int
) -> None:
    """Points are worth half after a week in life too, and who cools down leaves their walk at the same instant."""
    tree = {"purpose": "nurture", "exit": exits, "defaults": {"from": "talent-team"}, "steps": steps}
    plan = compile_plan(f"fades-{len(steps)}-{score}", tree)
    case = {"id": f"c_{os.getpid()}", "country": "DE", "score": 19}
    calendar = scenario(plan, project=FADING, candidate=case, when=[]).run()
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder=Path(folder))
        await stores.prepare(FADING.source, {plan.sequence: _checked(plan)}, SystemClock().now())

        real = await replace(rehearsal, stores=stores).play(calendar.scenario, next(_numbers))

    rows = timelines(calendar.result, real, fields=("score", "tags", "pools", "stage"))
    assert (end, score) == (calendar.ends, calendar.result.of_candidate("score"))
    assert [] == [row for row in rows if not row.holds]


@dataclass(frozen=True)
class _Simulated:
    scenario: Scenario
    result: Result

    @property
    def end(self) -> End | None:
        """How it ended, if it did."""
        return self.result.end


def _simulated(plan: Plan, tree: dict[str, Any], project: Project = PROJECT) -> _Simulated:
    """The simulation, without those lines of the script that come before their mail, or that are no events."""
    tree = {**tree, "candidate": {**tree["candidate"], "id": f"c_{os.getpid()}"}}
    tree["when"] = [line for line in tree["when"] if not {"paused", "resumed"} & set(map(str, line.values()))]
    calendar = scenario(plan, project=project, **tree).run()
    while calendar.wrong:
        wrong = {place for place, _ in calendar.wrong}
        tree["when"] = [line for place, line in enumerate(tree["when"]) if place not in wrong]
        calendar = scenario(plan, project=project, **tree).run()
    return _Simulated(calendar.scenario, calendar.result)


def _checked(plan: Plan) -> CheckedSequence:
    tree = {"title": "Made up", "owner": "anna-koch"}
    return CheckedSequence(
        name=plan.sequence, tree=tree, plan=plan, loaded=load_text("", "made-up.yaml"), version=version_of(plan, {}, {})
    )
