"""What is stored counts at once: no act of a walk happens between an event that ends it and the news of it."""

import pytest
from sqlalchemy import func, select

from rapport.engine.runtime import Outcome
from rapport.engine.state import End, Passed
from rapport.ports import Delivery
from rapport.store import candidates, deliveries, enrollments
from rapport.store.database import Store, Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.tasks import TaskRow
from rapport.store.tables.walks import EffectRow
from rapport.usecases import commands
from rapport.usecases.desk import StoreDesk
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, NoAts, a_desk, a_walk

STEPS = """
  - {id: warm, score: {add: 5}}
  - {id: vip, tag: {add: vip}}
  - {id: call, task: {for: anna-koch, title: Call, due: 3 business days}}
  - {id: look, ats: {read: application}, as: app}
  - {id: silver, ats: {add_tag: silver}}
  - {id: hook, webhook: {to: desk}}
"""
OURS = ("warm", "vip", "call")
HEAD = "goal: {applied: any}\nexit: [{replied: any}, {tagged: vip}]"
WEEK = MONDAY + 7 * DAY
ENDINGS = ("replied", "applied", "hired", "unsubscribed", "consent_withdrawn", "complained", "erased", "cancelled")
DONE = Outcome(status="done")


def the_desk(store: Store, clock: StandingClock, outside: NoAts | None = None) -> StoreDesk:
    """A desk whose mails are of no interest here."""
    return a_desk(store, Answering(Delivery(status="accepted")), clock, outside)


async def comes_in(store: Store, clock: StandingClock, walk: str, kind: str) -> None:
    """It is stored, and nobody has told the walk."""
    async with store.write() as tx:
        if kind == "cancelled":
            await commands.cancel(tx, clock, walk, at=WEEK, by="anna-koch")
        else:
            await take_in(tx, clock, Incoming(dedupe_key=kind, kind=kind, candidate="c_ana", at=WEEK))


async def told(store: Store) -> None:
    """The outbox is empty."""
    async with store.write() as tx:
        open_rows = await deliveries.undispatched(tx)
        await deliveries.all_done(tx, [row.id for row in open_rows], now=MONDAY)


async def traces(tx: Tx) -> tuple[int, int, list[str]]:
    """How many effects and tasks there are, and the person's tags."""
    effects = await tx.scalar(select(func.count()).select_from(EffectRow)) or 0
    tasks = await tx.scalar(select(func.count()).select_from(TaskRow)) or 0
    return effects, tasks, list(await candidates.tags_of(tx, "c_ana"))


@pytest.mark.parametrize("kind", ENDINGS)
async def test_no_effect_behind_an_end_that_is_on_its_way(store: Store, clock: StandingClock, kind: str) -> None:
    """Who has replied, was hired or has left gets no tag, no points and no task, though the walk has not heard yet."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, kind)
    outcome = await the_desk(store, clock).act(walk, OURS, at=WEEK)
    async with store.read() as tx:
        left = await traces(tx)

    assert ("hold", [kind]) == (outcome.status, [happening.kind for happening in outcome.heard])
    assert (0, 0, []) == left


@pytest.mark.parametrize("kind", ENDINGS)
@pytest.mark.parametrize("step", ["look", "silver", "hook"])
async def test_no_call_behind_an_end_that_is_on_its_way(
    store: Store, clock: StandingClock, step: str, kind: str
) -> None:
    """Neither the ATS nor a webhook hears of a person whose walk is over."""
    outside = NoAts()
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, kind)
    outcome = await the_desk(store, clock, outside).act(walk, [step], at=WEEK)

    assert ("hold", [kind]) == (outcome.status, [happening.kind for happening in outcome.heard])
    assert [] == outside.calls


async def test_end_that_is_being_told_counts_as_well(store: Store, clock: StandingClock) -> None:
    """The signal may reach the walk while its tag is about to be set."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, "replied")
    await told(store)

    assert "hold" == (await the_desk(store, clock).act(walk, OURS, at=WEEK)).status


async def test_news_that_ends_nothing_stops_nothing(store: Store, clock: StandingClock) -> None:
    """A click or somebody's form is no reason to wait."""
    walk = await a_walk(store, clock, STEPS, head=f"{HEAD}\nstart: {{when: {{submitted: talent-form}}}}")
    async with store.write() as tx:
        form = Incoming(dedupe_key="f", kind="submitted", candidate="c_ana", at=WEEK, detail={"form": "talent-form"})
        await take_in(tx, clock, form)

    assert "done" == (await the_desk(store, clock).act(walk, ["warm"], at=WEEK)).status
    assert DONE == await the_desk(store, clock).act(walk, ["hook"], at=WEEK)


async def test_second_act_says_what_the_first_one_said(store: Store, clock: StandingClock) -> None:
    """A tag that ends its own walk was set: the worker that died before saying so says it when it is asked again."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    desk = the_desk(store, clock)
    first = await desk.act(walk, ["vip"], at=WEEK)
    await comes_in(store, clock, walk, "replied")
    second = await desk.act(walk, ["vip"], at=WEEK)

    assert first == second
    assert ("done", ["tagged"]) == (first.status, [happening.kind for happening in first.heard])


async def test_paused_walk_does_nothing(store: Store, clock: StandingClock) -> None:
    """A pause holds people where they are from the moment it is stored; after it the effect comes, once."""
    outside = NoAts()
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    desk = the_desk(store, clock, outside)
    async with store.write() as tx:
        await commands.pause(tx, clock, walk, at=WEEK, by="anna-koch")
    held = [await desk.act(walk, steps, at=WEEK) for steps in (["call"], ["hook"])]
    async with store.read() as tx:
        left = await traces(tx)
    async with store.write() as tx:
        await commands.resume(tx, clock, walk, at=WEEK, by="anna-koch")

    assert [("hold", "paused")] * 2 == [(outcome.status, outcome.reason) for outcome in held]
    assert (0, 0, []) == left
    assert [DONE] * 2 == [await desk.act(walk, steps, at=WEEK) for steps in (["call"], ["hook"])]
    assert ["webhook"] == [call[0] for call in outside.calls]


async def test_owner_is_not_asked_about_a_walk_that_ends(store: Store, clock: StandingClock) -> None:
    """Nobody gets a to-do for a person who has just been hired."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, "hired")
    ends = await the_desk(store, clock).hold(walk, "hook", "refused", at=WEEK)
    async with store.read() as tx:
        left = await traces(tx)

    assert ["hired"] == [happening.kind for happening in ends or ()]
    assert (0, 0, []) == left


@pytest.mark.parametrize(
    ("given", "kind", "name", "counts_as"),
    [
        ("end", "applied", "goal: applied", "goal"),
        ("cold", "replied", "replied", "exit"),
        ("consent", "unsubscribed", "unsubscribed", "exit"),
    ],
)
async def test_what_came_before_the_end_is_the_end(
    store: Store, clock: StandingClock, given: str, kind: str, name: str, counts_as: str
) -> None:
    """Who applied before the last wait was over has reached the goal, though the walk did not know it."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, kind)
    desk = the_desk(store, clock)
    answers = [await desk.finish(walk, End(given, WEEK), [Passed("hook", WEEK, "done")]) for _ in range(2)]
    async with store.read() as tx:
        row = await enrollments.get(tx, walk)
        query = select(HappeningRow.detail).where(HappeningRow.kind == "sequence_ended")
        details = (await tx.scalars(query)).all()

    assert [End(name, WEEK)] * 2 == answers
    assert ("ended", name, WEEK) == (row.state, row.end_name, row.ended_at)
    assert [{"sequence": "flow", "as": counts_as}] == list(details)


async def test_what_comes_after_the_end_changes_nothing(store: Store, clock: StandingClock) -> None:
    """A walk that ended on Monday did not end by Sunday's reply."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, "replied")
    answer = await the_desk(store, clock).finish(walk, End("end", WEEK - DAY), [])
    async with store.read() as tx:
        row = await enrollments.get(tx, walk)

    assert answer is None
    assert ("end", WEEK - DAY) == (row.end_name, row.ended_at)


async def test_walk_that_knows_its_end_is_not_corrected(store: Store, clock: StandingClock) -> None:
    """The end that the walk has heard of is the one that is recorded."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    await comes_in(store, clock, walk, "replied")

    assert await the_desk(store, clock).finish(walk, End("replied", WEEK), []) is None


async def test_a_reply_to_our_mail_counts_though_the_clock_was_set_back(store: Store, clock: StandingClock) -> None:
    """Who answered is left alone, also if by the clock the answer came before the walk began."""
    walk = await a_walk(store, clock, STEPS, head=HEAD)
    early = Incoming(dedupe_key="r", kind="replied", candidate="c_ana", at=MONDAY - DAY, enrollment=walk)
    async with store.write() as tx:
        await take_in(tx, clock, early)
    outcome = await the_desk(store, clock).act(walk, OURS, at=MONDAY)

    assert [("replied", MONDAY)] == [(heard.kind, heard.at) for heard in outcome.heard]
