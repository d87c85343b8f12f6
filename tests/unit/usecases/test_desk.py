"""The real desk answers what the simulator's world answers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from rapport.engine.happening import Happening
from rapport.engine.state import End, Passed
from rapport.engine.world import Enrolled, World
from rapport.ids import task_id
from rapport.ports import Delivery
from rapport.store import candidates, deliveries, enrollments
from rapport.store.database import Store
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.tasks import TaskRow
from rapport.store.tables.walks import DecisionRow
from rapport.usecases.desk import StoreDesk
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.scores import score_of
from rapport.usecases.segment_recount import SegmentKeeper
from rapport.usecases.shelf import live_project, plan_of
from tests.unit.store.worlds import DAY, MONDAY, PROJECT, StandingClock, a_database, migrated, opened
from tests.unit.usecases.desks import Answering, a_desk, a_walk, another_walk

HOT = """
  - {id: hot, if: {candidate.score: {at_least: 10}}}
  - {id: cold, stop: cold, unless: {candidate.tags: {include: vip}}}
"""


def the_desk(store: Store, clock: StandingClock) -> StoreDesk:
    """A desk whose mails all arrive."""
    return a_desk(store, Answering(Delivery(status="accepted")), clock)


async def test_decision_is_kept_with_what_it_rested_on(store: Store, clock: StandingClock) -> None:
    """`why` can say for ever what a condition saw; a later change does not rewrite it."""
    walk = await a_walk(store, clock, HOT, person={"score": 12})
    desk = the_desk(store, clock)
    first = await desk.decide(walk, "hot", at=MONDAY)
    async with store.write() as tx:
        (await candidates.get(tx, "c_ana")).score = 0
    second = await desk.decide(walk, "hot", at=MONDAY + DAY)
    async with store.read() as tx:
        row = await tx.get_one(DecisionRow, (walk, "hot"))

    assert (True, True) == (first, second)
    assert ({"candidate.score": 12}, MONDAY) == (row.values, row.at)


async def test_gate_and_consent_are_those_of_the_rules(store: Store, clock: StandingClock) -> None:
    """At night a mail is held; without consent the walk ends."""
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome}\n")
    desk = the_desk(store, clock)
    night = MONDAY + timedelta(hours=13)
    held = await desk.gate(walk, "hello", at=night)
    async with store.write() as tx:
        gone = Incoming(dedupe_key="u", kind="unsubscribed", candidate="c_ana", at=MONDAY)
        await take_in(tx, clock, gone)
    consent = await desk.consent(walk, at=night)

    assert ("hold", "never between 21:00 and 07:00") == (held.verdict, held.reason)
    assert "end" == consent.verdict


async def test_due_follows_the_local_clock(store: Store, clock: StandingClock) -> None:
    """A week is a week at the same time of day."""
    walk = await a_walk(store, clock, "  - {id: pause, wait: 4 weeks}\n")
    due = await the_desk(store, clock).due(walk, "pause", since=MONDAY, at=MONDAY)

    assert MONDAY + 28 * DAY - timedelta(hours=1) == due.at


async def test_missed_finds_what_no_signal_brought(store: Store, clock: StandingClock) -> None:
    """A click that is still in the outbox at the deadline counts; a machine's never does."""
    steps = "  - {id: hello, send: welcome}\n  - {id: read, wait_for: {clicked: hello}, within: 7 days}\n"
    walk = await a_walk(store, clock, steps)
    desk = the_desk(store, clock)
    await desk.send(walk, "hello", at=MONDAY)
    click = Incoming(
        dedupe_key="1", kind="clicked", candidate="c_ana", at=MONDAY + DAY, enrollment=walk, step="hello", link="jobs"
    )
    machine = Incoming(
        dedupe_key="2", kind="clicked", candidate="c_ana", at=MONDAY, enrollment=walk, step="hello", verdict="machine"
    )
    async with store.write() as tx:
        for incoming in (machine, click):
            await take_in(tx, clock, incoming)
    missed = await desk.missed(walk, "read", since=MONDAY, at=MONDAY + 7 * DAY)

    assert [("clicked", "hello", MONDAY + DAY)] == [(heard.kind, heard.step, heard.at) for heard in missed]


async def test_missed_finds_an_end_that_is_on_its_way(store: Store, clock: StandingClock) -> None:
    """Who has replied before the time limit has replied, though the walk has not heard yet; later news come later."""
    steps = "  - {id: hello, send: welcome}\n  - {id: read, wait_for: {clicked: hello}, within: 7 days}\n"
    walk = await a_walk(store, clock, steps, head="exit: [{replied: any}]")
    desk = the_desk(store, clock)
    await desk.send(walk, "hello", at=MONDAY)
    reply = Incoming(dedupe_key="1", kind="replied", candidate="c_ana", at=MONDAY + DAY, enrollment=walk, step="hello")
    async with store.write() as tx:
        await take_in(tx, clock, reply)
    too_early = await desk.missed(walk, "read", since=MONDAY, at=MONDAY)
    missed = await desk.missed(walk, "read", since=MONDAY, at=MONDAY + 7 * DAY)

    assert [] == list(too_early)
    assert [("replied", MONDAY + DAY)] == [(heard.kind, heard.at) for heard in missed]


async def test_standstill_is_a_task_that_opens_again(store: Store, clock: StandingClock) -> None:
    """The owner is asked to look, and asked again when the retry fails as well."""
    walk = await a_walk(store, clock, HOT)
    desk = the_desk(store, clock)
    await desk.hold(walk, "hot", "refused by policy", at=MONDAY)
    async with store.write() as tx:
        (await tx.get_one(TaskRow, task_id(f"{walk}/hot"))).state = "done"
    await desk.hold(walk, "hot", "refused again", at=MONDAY + DAY)
    async with store.read() as tx:
        [task] = (await tx.scalars(select(TaskRow))).all()

    assert ("anna-koch", "open", MONDAY + DAY) == (task.assignee, task.state, task.at)
    assert f"{walk} stands still at hot: refused again. Retry the step or skip it." == task.title


async def test_end_is_recorded_once_and_told_to_the_others(store: Store, clock: StandingClock) -> None:
    """Who waits for the end of another sequence hears of it once, and how it ended."""
    waits = "purpose: nurture\nexit: [{sequence_ended: {sequence: flow, as: goal}}]\nsteps: [{id: h, send: welcome}]"
    walk = await a_walk(store, clock, HOT, other=waits)
    other = await another_walk(store, clock, "other")
    desk = the_desk(store, clock)
    path = [Passed("hot", MONDAY, "then")]
    for name in ("goal: applied", "end"):
        await desk.finish(walk, End(name, MONDAY + DAY), path)
    async with store.read() as tx:
        row = await enrollments.get(tx, walk)
        told = [row for row in await deliveries.undispatched(tx, candidate="c_ana") if row.kind == "happening"]

    assert ("ended", "goal: applied", MONDAY + DAY) == (row.state, row.end_name, row.ended_at)
    assert [["hot", MONDAY.isoformat(), "then"]] == row.path
    assert [(other, {"sequence": "flow", "as": "goal"})] == [(row.enrollment, row.payload["detail"]) for row in told]


TAGS, POOLS = ("vip", "warm", "cold"), ("engineering", "warm")
FADING = PROJECT.replace(
    "pools:\n", "score: {half_life: 1 week}\npools:\n  hot: {title: Hot, members: {candidate.score: {at_least: 9}}}\n"
)
EFFECTS = st.one_of(
    st.tuples(st.just("tag"), st.sampled_from(("add", "remove")), st.sampled_from(TAGS)),
    st.tuples(st.just("pool"), st.sampled_from(("add", "remove")), st.sampled_from(POOLS)),
    st.tuples(st.just("score"), st.sampled_from(("add", "subtract", "set")), st.integers(0, 20)),
)


@asynccontextmanager
async def a_store() -> AsyncIterator[Store]:
    """A fresh store for one example; the folder goes with it."""
    with TemporaryDirectory() as folder:
        async with opened(a_database(Path(folder))) as store:
            yield store


@pytest.fixture
def migrated_file() -> Path:
    """The file that the database of each example is a copy of."""
    return migrated()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    effects=st.lists(EFFECTS, min_size=1, max_size=6),
    split=st.integers(0, 6),
    days=st.sampled_from([0, 3, 8, 14, 31]),
    project=st.sampled_from([PROJECT, FADING]),
)
@example(effects=[("score", "add", 20), ("score", "add", 3)], split=1, days=8, project=FADING)
@example(effects=[("pool", "add", "warm"), ("pool", "add", "warm")], split=1, days=31, project=PROJECT)
@example(effects=[("pool", "add", "warm"), ("pool", "remove", "warm")], split=1, days=31, project=PROJECT)
async def test_world_and_desk_agree_on_any_effects(
    effects: Sequence[tuple[str, str, str | int]], split: int, days: int, project: str, migrated_file: Path
) -> None:
    """What marketers simulate is what candidates get: the same effects have the same consequences in both."""
    del migrated_file  # it is there before a loop runs
    clock = StandingClock()
    steps = [f"s{number}" for number in range(len(effects))]
    text = "".join(
        f"  - {{id: {step}, {verb}: {{{how}: {what}}}}}\n"
        for step, (verb, how, what) in zip(steps, effects, strict=True)
    )
    async with a_store() as store:
        vip = "  - {id: vip, if: {candidate.tags: {include: vip}, candidate.score: {at_least: 3}}}\n"
        walk = await a_walk(store, clock, text + vip, project=project)
        async with store.read() as tx:
            row = await enrollments.get(tx, walk)
            plan, known = await plan_of(tx, row.sequence, row.version), await live_project(tx)
        told: list[Happening] = []
        world = World(project=known, candidate={"id": "c_ana"}, consents={"nurture": None})
        world.enrollments[walk] = Enrolled(plan=plan, at=MONDAY)
        world.tell = lambda happening, _: told.append(happening)
        desk = the_desk(store, clock)
        for group in (steps[:split], steps[split:]):
            now = clock.now()
            assert await world.act(walk, group, at=now) == await desk.act(walk, group, at=now)
            told += await _both_wait(world, store, clock, days)
        assert await world.decide(walk, "vip", at=clock.now()) == await desk.decide(walk, "vip", at=clock.now())
        async with store.read() as tx:
            person = await candidates.get(tx, "c_ana")
            pools = await candidates.pools_of(tx, "c_ana", clock.now())
            score = await score_of(tx, person, clock.now())
            stored = (await tx.scalars(select(HappeningRow.kind))).all()
            assert sorted(world.candidate.get("tags", [])) == list(await candidates.tags_of(tx, "c_ana"))
    seen = world.candidate_at(clock.now(), known.half_life)
    assert (seen.get("score", 0), sorted(seen.get("pools", []))) == (score, list(pools))
    assert sorted(happening.kind for happening in told) == sorted(stored)


async def _both_wait(world: World, store: Store, clock: StandingClock, days: int) -> Sequence[Happening]:
    """Days go by; what the made-up person hears of meanwhile."""
    heard: list[Happening] = []
    later = clock.now() + timedelta(days=days)
    while (at := world.next_end(clock.now())) is not None and at <= later:
        clock.at = at
        heard += world.let_pass(at)
    clock.at = later
    await SegmentKeeper(store, clock).drain()
    return heard
