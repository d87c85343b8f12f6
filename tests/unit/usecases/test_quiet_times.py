"""After whatever the contact policy names, a person is left alone for a while, by the store and by the simulator."""

from datetime import timedelta
from typing import Any

import pytest

from rapport.dsl.events import KINDS
from rapport.dsl.plan import compile_plan
from rapport.engine.happening import Happening
from rapport.engine.state import WalkState
from rapport.engine.virtual import VirtualTime
from rapport.engine.world import World
from rapport.ports import Delivery
from rapport.store.database import Store
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.builders import a_plan, a_project
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import Answering, a_desk, a_walk, another_walk

HELLO = "  - {id: hello, send: welcome}\n"
OTHER = f"purpose: nurture\nsteps:\n{HELLO}"
CONSENT = "consent: {purposes: {nurture: {title: Mails}}}"
DETAIL: dict[str, dict[str, Any]] = {
    "event_cancelled": {"event": "fair-7"},
    "registered_for_event": {"event": "fair-7"},
    "attended": {"event": "fair-7"},
    "cancelled_registration": {"event": "fair-7"},
    "tagged": {"tag": "vip"},
    "added_to_pool": {"pool": "engineering"},
    "removed_from_pool": {"pool": "engineering"},
    "stage_changed_to": {"stage": "onsite"},
    "submitted": {"form": "join"},
    "custom": {"name": "coffee"},
    "rejected": {"application": "a1"},
    "applied": {"application": "a1"},
    "withdrew": {"application": "a1"},
    "sequence_ended": {"sequence": "other", "as": "end"},
}
# The walk ends with a hire, so that there is nothing to be quiet about.
QUIET = [kind for kind in KINDS if kind not in ("hired", "event_cancelled")]


def _project(kind: str, span: str) -> str:
    return f"contact_policy: {{never_between: null, quiet_after: {{{kind}: {span}}}}}\n{CONSENT}"


async def _happens(store: Store, clock: StandingClock, kind: str, *, days: float = 0) -> None:
    async with store.write() as tx:
        detail = DETAIL.get(kind, {})
        await take_in(
            tx,
            clock,
            Incoming(dedupe_key=kind, kind=kind, candidate="c_ana", at=MONDAY + days * DAY, detail=detail),
        )


@pytest.mark.parametrize("kind", QUIET)
async def test_every_event_of_the_policy_keeps_mails_back(store: Store, clock: StandingClock, kind: str) -> None:
    """Whatever happened yesterday, three quiet days are three quiet days; then the mail goes."""
    person = {"consent": ("nurture",)}
    walk = await a_walk(store, clock, HELLO, project=_project(kind, "3 days"), person=person, other=OTHER)
    await _happens(store, clock, kind, days=-1)
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    first = await desk.send(walk, "hello", at=MONDAY)
    then = await desk.send(walk, "hello", at=MONDAY + 2 * DAY)

    assert ("hold", MONDAY + 2 * DAY) == (first.status, first.until)
    assert first.reason.startswith("quiet for 3 days after ")
    assert "done" == then.status


async def test_a_reply_to_one_sequence_keeps_a_later_one_quiet(store: Store, clock: StandingClock) -> None:
    """Fourteen quiet days are fourteen days, though the reply came before this walk began."""
    walk = await a_walk(store, clock, HELLO)
    await _happens(store, clock, "replied", days=-1)
    outcome = await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)

    assert ("hold", MONDAY + timedelta(days=13)) == (outcome.status, outcome.until)
    assert "quiet for 14 days after a reply" == outcome.reason


@pytest.mark.parametrize(("kind", "status"), [("applied", "skip"), ("rejected", "done")])
async def test_who_is_known_to_be_in_a_process_gets_no_mail(
    store: Store, clock: StandingClock, kind: str, status: str
) -> None:
    """An application of last month, still active, counts for a walk that began today; a rejected one does not."""
    project = _project("applied", "forever_while_active")
    walk = await a_walk(store, clock, HELLO, project=project, person={"consent": ("nurture",)})
    await _happens(store, clock, "applied", days=-30)
    if kind != "applied":
        await _happens(store, clock, kind, days=-20)

    assert (
        status
        == (await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)).status
    )


async def test_a_fair_that_is_called_off_is_told_to_nobody_by_name(store: Store, clock: StandingClock) -> None:
    """News of an event is about everybody whose walk it started, and keeps their mails back."""
    start = "start: {when: {registered_for_event: {type: job-fair}}, once_per: event.id}"
    fair = f"purpose: nurture\n{start}\nsteps:\n{HELLO}"
    person = {"consent": ("nurture",)}
    await a_walk(store, clock, HELLO, project=_project("event_cancelled", "3 days"), person=person, fair=fair)
    async with store.write() as tx:
        detail = {"event": "fair-7", "type": "job-fair"}
        registered = Incoming(dedupe_key="r", kind="registered_for_event", candidate="c_ana", at=MONDAY, detail=detail)
        [walk] = (await take_in(tx, clock, registered)).started
        off = Incoming(dedupe_key="c", kind="event_cancelled", candidate=None, at=MONDAY, detail={"event": "fair-7"})
        await take_in(tx, clock, off)
    gate = await a_desk(store, Answering(Delivery(status="accepted")), clock).gate(walk, "hello", at=MONDAY)

    assert ("hold", "quiet for 3 days after a cancelled event") == (gate.verdict, gate.reason)


def test_the_simulator_keeps_quiet_over_all_walks_of_a_person() -> None:
    """A click in one sequence keeps the other one's mails back, as it does for real people."""
    steps = [{"id": "settle", "wait": "2 days"}, {"id": "hello", "send": "welcome"}]
    project = a_project(_project("clicked", "5 days"))
    world = World(candidate={"id": "c_ana"}, consents={"nurture": None}, project=project)
    time = VirtualTime(world=world, now=MONDAY)
    for name in ("one", "two"):
        tree = {"purpose": "nurture", "defaults": {"from": "talent-team"}, "steps": steps}
        time.begin(compile_plan(name, tree), WalkState.begin(f"{name}/c_ana/1", MONDAY))
    time.go_to(MONDAY + DAY)
    clicked = Happening(id="h", kind="clicked", at=MONDAY + DAY, step="hello")
    time.tell_one("one/c_ana/1", clicked)
    time.run_to_end(MONDAY + 30 * DAY)

    assert [("one/c_ana/1", MONDAY + 6 * DAY), ("two/c_ana/1", MONDAY + 6 * DAY)] == [
        (mail.enrollment, mail.at) for mail in world.mails
    ]


def test_the_simulator_counts_the_mails_of_all_walks() -> None:
    """One mail a day is one mail a day, however many sequences somebody is in."""
    policy = "contact_policy: {never_between: null, at_most: [{mails: 1, per: 1 day}]}"
    world = World(candidate={"id": "c_ana"}, consents={"nurture": None}, project=a_project(f"{policy}\n{CONSENT}"))
    time = VirtualTime(world=world, now=MONDAY)
    for name in ("one", "two", "three"):
        steps = [{"id": "hello", "send": "welcome"}]
        tree = {"purpose": "nurture", "defaults": {"from": "talent-team"}, "steps": steps}
        time.begin(compile_plan(name, tree), WalkState.begin(f"{name}/c_ana/1", MONDAY))
    time.run_to_end(MONDAY + 30 * DAY)

    assert [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY] == [mail.at for mail in world.mails]


async def test_two_walks_of_one_person_share_a_cap_in_the_store(store: Store, clock: StandingClock) -> None:
    """The same on the real desk: the second walk waits for the day after the first one's mail."""
    project = f"contact_policy: {{never_between: null, at_most: [{{mails: 1, per: 1 day}}]}}\n{CONSENT}"
    walk = await a_walk(store, clock, HELLO, project=project, other=OTHER, person={"consent": ("nurture",)})
    other = await another_walk(store, clock, "other")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.send(walk, "hello", at=MONDAY)

    assert MONDAY + DAY == (await desk.send(other, "hello", at=MONDAY)).until


async def test_a_walks_own_tag_keeps_its_mail_back_in_store_and_simulator(store: Store, clock: StandingClock) -> None:
    """Three quiet days after a tag are three days, though the sequence itself gave the tag a moment before."""
    mark, project = "  - {id: mark, tag: {add: vip}}\n", _project("tagged", "3 days")
    walk = await a_walk(store, clock, f"{mark}{HELLO}", project=project, person={"consent": ("nurture",)})
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.act(walk, ["mark"], at=MONDAY)
    world = World(candidate={"id": "c_ana"}, consents={"nurture": None}, project=a_project(project))
    time = VirtualTime(world=world, now=MONDAY)
    time.begin(a_plan(f"{mark}{HELLO}"), WalkState.begin("flow/c_ana/1", MONDAY))
    time.run_to_end(MONDAY + 30 * DAY)

    assert MONDAY + 3 * DAY == (await desk.send(walk, "hello", at=MONDAY)).until
    assert [MONDAY + 3 * DAY] == [mail.at for mail in world.mails]
