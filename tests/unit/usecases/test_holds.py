"""Walks that stand still: who they are, since when and why, and what a person may decide."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from rapport.engine.runtime import Outcome
from rapport.errors import ConfigurationError, Refused, TemporaryFailure
from rapport.ids import send_id
from rapport.ports import Delivery
from rapport.store import deliveries, enrollments, sends
from rapport.store.database import Store
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.commands import retry, skip
from rapport.usecases.holds import Held, held
from rapport.usecases.timeline import timeline
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, NoAts, a_desk, a_walk

CALL = "  - {id: call, webhook: {to: desk}}\n"
WHY = "The webhook desk cannot be reached (ConnectError)."


async def a_held_walk(store: Store, clock: StandingClock, steps: str = CALL, step: str = "call") -> str:
    """Ana's walk, held at its only step."""
    walk = await a_walk(store, clock, steps)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.hold(walk, step, WHY, at=MONDAY + 2 * DAY)
    return walk


async def waiting(store: Store) -> list[Held]:
    """The list that people see."""
    async with store.read() as tx:
        return list(await held(tx))


async def tasks(store: Store) -> list[tuple[str, str]]:
    """The owner's tasks and whether they are open."""
    async with store.read() as tx:
        return [(row.assignee, row.state) for row in await tx.scalars(select(TaskRow))]


async def test_the_list_says_where_since_when_why_and_whose(store: Store, clock: StandingClock) -> None:
    """Everything that somebody needs who looks after it, and nothing about the candidate."""
    walk = await a_held_walk(store, clock)

    expected = Held(enrollment=walk, step="call", since=MONDAY + 2 * DAY, reason=WHY, owner="anna-koch")
    assert [expected] == await waiting(store)
    async with store.read() as tx:
        assert ("hold", "call", f"held: {WHY}") in [
            (entry.kind, entry.step, entry.text) for entry in await timeline(tx, walk)
        ]


@pytest.mark.parametrize(("command", "kind"), [(retry, "retry"), (skip, "skip")])
async def test_an_answer_is_a_row_of_the_outbox_and_ticks_off_the_task(
    store: Store, clock: StandingClock, command: object, kind: str
) -> None:
    """The walk hears of it in order with everything else, and a second answer finds nothing to decide."""
    walk = await a_held_walk(store, clock)
    assert command in (retry, skip)
    decide = retry if kind == "retry" else skip
    async with store.write() as tx:
        await decide(tx, clock, walk, at=MONDAY + 3 * DAY, by="anna-koch")
        rows = await deliveries.undispatched(tx, enrollment=walk)
        with pytest.raises(Refused) as caught:
            await retry(tx, clock, walk, at=MONDAY + 3 * DAY, by="anna-koch")

    assert ["start", kind] == [row.kind for row in rows]
    assert "not_held" == caught.value.reason
    assert ([], [("anna-koch", "done")]) == (await waiting(store), await tasks(store))


async def test_a_step_that_fails_again_is_held_again(store: Store, clock: StandingClock) -> None:
    """Retried and failed: the walk is back on the list, and the task is open again."""
    walk = await a_held_walk(store, clock)
    async with store.write() as tx:
        await retry(tx, clock, walk, at=MONDAY + 3 * DAY, by="anna-koch")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.hold(walk, "call", "again", at=MONDAY + 3 * DAY)

    assert [(MONDAY + 3 * DAY, "again")] == [(one.since, one.reason) for one in await waiting(store)]
    assert [("anna-koch", "open")] == await tasks(store)


async def test_an_answer_stands_when_the_hold_is_told_twice(store: Store, clock: StandingClock) -> None:
    """A worker that died after telling tells again; whoever answered in between is not overruled."""
    walk = await a_held_walk(store, clock)
    async with store.write() as tx:
        await skip(tx, clock, walk, at=MONDAY + 3 * DAY, by="anna-koch")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.hold(walk, "call", WHY, at=MONDAY + 2 * DAY)

    assert [] == await waiting(store)


async def test_a_walk_that_ended_needs_nobody(store: Store, clock: StandingClock) -> None:
    """A reply ends a walk that is held; it leaves the list."""
    walk = await a_held_walk(store, clock)
    async with store.write() as tx:
        await enrollments.end(tx, walk, name="replied", at=MONDAY + 3 * DAY, path=[])

    assert [] == await waiting(store)


async def test_a_skipped_mail_is_noted_as_skipped(store: Store, clock: StandingClock) -> None:
    """Whoever skips a mail that could not be sent finds it as skipped, and nothing sends it any more."""
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome, if_fails: hold}\n")
    blocked = a_desk(store, Answering(Delivery(status="block", reason="no")), clock)
    failed = await blocked.send(walk, "hello", at=MONDAY)
    await blocked.hold(walk, "hello", failed.reason, at=MONDAY)
    async with store.write() as tx:
        await skip(tx, clock, walk, at=MONDAY, by="anna-koch")
    mailer = Answering(Delivery(status="accepted"))
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ("failed", "skip", 0) == (failed.status, outcome.status, mailer.count)
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, "hello"))
    assert row is not None
    assert ("skipped", "skipped by anna-koch") == (row.state, row.reason)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TemporaryFailure("Away.", hint="Wait."), Outcome(status="retry", reason="Away.")),
        (
            TemporaryFailure("Busy.", hint="Wait.", pause=timedelta(hours=2)),
            Outcome(status="retry", reason="Busy.", until=MONDAY + timedelta(hours=2)),
        ),
        (ConfigurationError("No key.", hint="Set it."), Outcome(status="failed", reason="No key.")),
    ],
)
async def test_a_call_that_fails_says_when_and_whether_to_try_again(
    store: Store, clock: StandingClock, error: Exception, outcome: Outcome
) -> None:
    """An outage is waited for, for as long as the other side asks; a missing key needs a person now."""
    walk = await a_walk(store, clock, CALL)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock, NoAts(answer=error))

    assert outcome == await desk.act(walk, ["call"], at=MONDAY)
