"""Effects happen once, and everybody whom they concern hears of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rapport.engine.runtime import Outcome
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.ids import task_id
from rapport.ports import Delivery
from rapport.store import candidates, deliveries, enrollments
from rapport.store.database import Store
from rapport.store.tables.tasks import TaskRow
from rapport.store.tables.walks import EffectRow, ReadRow, RefusalRow
from rapport.usecases.desk import StoreDesk
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import LETTERHEAD, Answering, NoAts, a_desk, a_walk, another_walk

ALL = """
  - {id: warm, score: {add: 5}}
  - {id: vip, tag: {add: vip}}
  - {id: pool, pool: {add: engineering}}
  - {id: call, task: {for: owner-recruiter, title: "Call {{ candidate.first_name }}", due: 3 business days}}
  - {id: next, enroll: other}
"""
STEPS = ("warm", "vip", "pool", "call", "next")
OTHER = "purpose: nurture\nsteps: [{id: hello, send: welcome}]"
DONE = Outcome(status="done")


def the_desk(store: Store, clock: StandingClock, outside: NoAts | None = None) -> StoreDesk:
    """A desk whose mails are of no interest here."""
    return a_desk(store, Answering(Delivery(status="accepted")), clock, outside)


async def test_second_act_changes_nothing_and_says_the_same(store: Store, clock: StandingClock) -> None:
    """A retry of five effects is five effects, and the walk hears the same of them."""
    walk = await a_walk(store, clock, ALL, other=OTHER)
    desk = the_desk(store, clock)
    first = await desk.act(walk, STEPS, at=MONDAY)
    second = await desk.act(walk, STEPS, at=MONDAY + timedelta(hours=1))
    async with store.read() as tx:
        person = await candidates.get(tx, "c_ana")
        tags, walks = await candidates.tags_of(tx, "c_ana"), await enrollments.walking(tx, "c_ana")

    assert first == second
    assert (5, ["vip"], ["flow", "other"]) == (person.score, list(tags), [row.sequence for row in walks])
    assert [
        (f"{walk}/warm/score_reached", {"score": "5"}),
        (f"{walk}/vip/tagged", {"tag": "vip"}),
        (f"{walk}/pool/added_to_pool", {"pool": "engineering"}),
    ] == [(happening.id, dict(happening.detail)) for happening in first.heard]


async def test_only_what_changed_is_heard(store: Store, clock: StandingClock) -> None:
    """A tag that was there, a score that sank and a pool that was left by nobody are no news."""
    steps = """
  - {id: a, tag: {add: vip}}
  - {id: b, tag: {add: vip}}
  - {id: c, score: {subtract: 1}}
  - {id: d, pool: {remove: engineering}}
  - {id: e, tag: {remove: vip}}
"""
    walk = await a_walk(store, clock, steps)
    outcome = await the_desk(store, clock).act(walk, "abcde", at=MONDAY)

    assert [f"{walk}/a/tagged"] == [happening.id for happening in outcome.heard]


async def test_other_walks_hear_and_this_one_knows(store: Store, clock: StandingClock) -> None:
    """Another sequence that waits for the tag is told; the walk that gave it has it in its answer."""
    waits = "purpose: nurture\nexit: [{tagged: vip}]\nsteps: [{id: hello, send: welcome}]"
    walk = await a_walk(store, clock, ALL, head="exit: [{tagged: vip}]", other=waits)
    other = await another_walk(store, clock, "other")
    await the_desk(store, clock).act(walk, ["vip"], at=MONDAY)
    async with store.read() as tx:
        open_rows = await deliveries.undispatched(tx, candidate="c_ana")

    assert [other] == [row.enrollment for row in open_rows if row.kind == "happening"]


async def test_pool_starts_the_sequence_that_waits_for_it(store: Store, clock: StandingClock) -> None:
    """A walk that puts a person into a pool starts what that pool starts."""
    starts = "purpose: nurture\nstart: {when: {added_to_pool: engineering}}\nsteps: [{id: hello, send: welcome}]"
    walk = await a_walk(store, clock, ALL, pooled=starts)
    await the_desk(store, clock).act(walk, ["pool"], at=MONDAY)
    async with store.read() as tx:
        assert ["flow", "pooled"] == [row.sequence for row in await enrollments.walking(tx, "c_ana")]


async def test_refused_enrollment_is_recorded_and_the_walk_goes_on(store: Store, clock: StandingClock) -> None:
    """`enroll` obeys the rules of its target: who is in there already is not started twice."""
    walk = await a_walk(store, clock, ALL, other=OTHER)
    await another_walk(store, clock, "other")
    outcome = await the_desk(store, clock).act(walk, ["next"], at=MONDAY)
    async with store.read() as tx:
        reasons = (await tx.scalars(select(RefusalRow.reason))).all()
        effect = await tx.get_one(EffectRow, (walk, "next"))

    assert DONE == outcome
    assert (["already_enrolled"], "failed") == (list(reasons), effect.state)


async def test_child_walks_in_the_time_of_its_parent(store: Store, clock: StandingClock) -> None:
    """A walk whose time is ahead enrolls in its own time."""
    walk = await a_walk(store, clock, ALL, other=OTHER)
    async with store.write() as tx:
        (await enrollments.get(tx, walk)).shift_seconds = 86_400.0
    at = MONDAY + timedelta(days=1)
    await the_desk(store, clock).act(walk, ["next"], at=at)
    async with store.read() as tx:
        child = await enrollments.get(tx, "other/c_ana/1")

    assert (at, 86_400.0) == (child.enrolled_at, child.shift_seconds)


@pytest.mark.parametrize(
    ("person", "assignee", "title"),
    [
        ({"owner_recruiter": "anna-koch"}, "anna-koch", "Call Ana"),
        ({"owner_recruiter": "left-long-ago"}, "anna-koch", "Call Ana"),
        ({"first_name": None}, "anna-koch", "Call …"),
    ],
)
async def test_task_always_has_somebody_and_a_title(
    store: Store, clock: StandingClock, person: dict[str, Any], assignee: str, title: str
) -> None:
    """A task goes to the candidate's recruiter, else to the owner of the sequence; a missing name stops nothing."""
    walk = await a_walk(store, clock, ALL, person=person)
    await the_desk(store, clock).act(walk, ["call"], at=MONDAY)
    async with store.read() as tx:
        task = await tx.get_one(TaskRow, task_id(f"{walk}/call"))

    assert (assignee, title, MONDAY + timedelta(days=3)) == (task.assignee, task.title, task.due_at)


async def test_erased_person_is_left_alone(store: Store, clock: StandingClock) -> None:
    """A walk that has not heard of the erasure yet writes nothing about the person any more."""
    walk = await a_walk(store, clock, ALL, other=OTHER)
    async with store.write() as tx:
        await take_in(tx, clock, Incoming(dedupe_key="e", kind="erased", candidate="c_ana", at=MONDAY))
    outcome = await the_desk(store, clock).act(walk, STEPS, at=MONDAY)
    async with store.read() as tx:
        tags = await candidates.tags_of(tx, "c_ana")
        tasks = (await tx.scalars(select(TaskRow))).all()

    assert ["erased"] == [happening.kind for happening in outcome.heard]
    assert ("hold", [], []) == (outcome.status, list(tags), list(tasks))


OUT = """
  - {id: look, ats: {read: application}, as: app}
  - {id: note, ats: {add_note: called}}
  - {id: hook, webhook: {to: desk, data: {who: candidate.id, since: enrolled_at, what: {text: hello}}}}
  - {id: tell, ats: {add_tag: silver}}
"""


async def test_calls_carry_their_key_and_are_made_once(store: Store, clock: StandingClock) -> None:
    """The ATS and a webhook are called once per step, with a key that names it."""
    walk = await a_walk(store, clock, OUT)
    outside = NoAts(answer={"status": "rejected"})
    desk = the_desk(store, clock, outside)
    for _ in range(2):
        assert DONE == await desk.act(walk, ["look", "note", "hook", "tell"], at=MONDAY)
    async with store.read() as tx:
        read = await tx.get_one(ReadRow, (walk, "app"))

    assert [
        ("read", "application", "c_ana"),
        ("add_note", "called We called Ana.", f"{walk}:note"),
        ("webhook", "desk", f"{walk}:hook"),
        ("add_tag", "silver", f"{walk}:tell"),
    ] == outside.calls
    assert {"who": "c_ana", "since": "2026-03-02T09:00:00+00:00", "what": "hello"} == outside.data
    assert {"status": "rejected"} == read.data


TALK = """
  - id: hook
    webhook: {to: desk, data: {what: {text: "{{ candidate.first_name }} of {{ candidate.city or 'nowhere' }}"}}}
"""


async def test_a_webhooks_text_is_filled_in(store: Store, clock: StandingClock) -> None:
    """What `check` reads as a text with fields is sent as one; what is in a field stays plain text."""
    walk = await a_walk(store, clock, TALK, person={"first_name": "Ana {{ 7 * 7 }} <b>"})
    outside = NoAts()
    outcome = await the_desk(store, clock, outside).act(walk, ["hook"], at=MONDAY)

    assert (DONE, {"what": "Ana {{ 7 * 7 }} <b> of nowhere"}) == (outcome, outside.data)


async def test_a_webhook_with_a_hole_in_it_is_not_sent(store: Store, clock: StandingClock) -> None:
    """Nobody is told half of a sentence; the reason names the field and no value."""
    steps = '  - {id: hook, webhook: {to: desk, data: {what: {text: "from {{ candidate.seniority }}"}}}}\n'
    walk = await a_walk(store, clock, steps)
    outside = NoAts()
    outcome = await the_desk(store, clock, outside).act(walk, ["hook"], at=MONDAY)

    assert ("failed", "needs candidate.seniority", []) == (outcome.status, outcome.reason, outside.calls)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TemporaryFailure("The ATS answers 503.", hint="Wait."), "retry"),
        (ConfigurationError("The ATS refuses our credentials.", hint="Look."), "failed"),
    ],
)
async def test_failed_call_says_why_and_may_be_tried_again(
    store: Store, clock: StandingClock, error: Exception, status: str
) -> None:
    """An ATS that is down is asked again later; a wrong password waits for a person."""
    walk = await a_walk(store, clock, OUT)
    outside = NoAts(answer=error)
    desk = the_desk(store, clock, outside)
    first = await desk.act(walk, ["tell"], at=MONDAY)
    outside.answer = {}
    second = await desk.act(walk, ["tell"], at=MONDAY)

    assert (status, str(getattr(error, "message", ""))) == (first.status, first.reason)
    assert DONE == second


async def test_note_that_nobody_published_fails_with_its_name(store: Store, clock: StandingClock) -> None:
    """The reason says which note is missing."""
    walk = await a_walk(store, clock, "  - {id: note, ats: {add_note: unknown}}\n")
    outcome = await the_desk(store, clock).act(walk, ["note"], at=MONDAY)

    assert ("failed", "There is no note 'unknown'.") == (outcome.status, outcome.reason)


def test_the_envelope_sender_of_a_send_is_the_same_each_time() -> None:
    """A bounce finds its send, whichever attempt it answers."""
    assert LETTERHEAD.envelope_sender(7) == LETTERHEAD.envelope_sender(7)
    assert LETTERHEAD.envelope_sender(7) != LETTERHEAD.envelope_sender(8)
