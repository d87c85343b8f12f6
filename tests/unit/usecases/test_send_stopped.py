"""What comes between the decision to send a mail and its leaving stops it."""

import asyncio
from datetime import timedelta

from rapport.engine.runtime import Outcome
from rapport.ports import Delivery
from rapport.store import consents, sends
from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow
from rapport.usecases.commands import cancel, pause
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import MONDAY, StandingClock
from tests.unit.usecases.desks import (
    Answering,
    a_desk,
    a_walk,
    another_walk,
)

HELLO = "  - {id: hello, send: welcome}\n"
DONE = Outcome(status="done")


async def test_suppressed_between_gate_and_send(store: Store, clock: StandingClock) -> None:
    """An address that was closed after the gate said go gets nothing."""
    walk = await a_walk(store, clock, HELLO, purpose="service")
    mailer = Answering(Delivery(status="accepted"))
    desk = a_desk(store, mailer, clock)
    gate = await desk.gate(walk, "hello", at=MONDAY)
    async with store.write() as tx:
        key = (await tx.get_one(CandidateRow, "c_ana")).email_key or ""
        await consents.suppress(tx, key, scope="all", reason="complained", at=MONDAY, recorded_at=MONDAY)
    outcome = await desk.send(walk, "hello", at=MONDAY)

    assert "go" == gate.verdict
    assert Outcome(status="end", reason="suppressed") == outcome
    assert 0 == mailer.count


async def test_reply_on_its_way_stops_the_mail(store: Store, clock: StandingClock) -> None:
    """Someone who answered a second ago gets no further mail, and the walk ends at once."""
    walk = await a_walk(store, clock, HELLO, head="exit: [{replied: any}]")
    mailer = Answering(Delivery(status="accepted"))
    reply = Incoming(dedupe_key="r", kind="replied", candidate="c_ana", at=MONDAY)
    async with store.write() as tx:
        taken = await take_in(tx, clock, reply)
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ("hold", MONDAY + timedelta(minutes=1)) == (outcome.status, outcome.until)
    assert [("replied", taken.id)] == [(happening.kind, happening.id) for happening in outcome.heard]
    assert 0 == mailer.count


async def test_cancel_on_its_way_stops_the_mail(store: Store, clock: StandingClock) -> None:
    """A colleague's cancel counts from the moment at which we said yes to it."""
    walk = await a_walk(store, clock, HELLO)
    mailer = Answering(Delivery(status="accepted"))
    async with store.write() as tx:
        await cancel(tx, clock, walk, at=MONDAY, by="anna-koch")
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ["cancelled"] == [happening.kind for happening in outcome.heard]
    assert 0 == mailer.count


async def test_paused_walk_sends_nothing(store: Store, clock: StandingClock) -> None:
    """Pausing holds even if the walk has not heard of it."""
    walk = await a_walk(store, clock, HELLO)
    mailer = Answering(Delivery(status="accepted"))
    async with store.write() as tx:
        await pause(tx, clock, walk, at=MONDAY, by="anna-koch")
    outcome = await a_desk(store, mailer, clock).send(walk, "hello", at=MONDAY)

    assert ("hold", "paused", 0) == (outcome.status, outcome.reason, mailer.count)


async def test_reply_of_before_the_enrollment_stops_nothing(store: Store, clock: StandingClock) -> None:
    """What is older than the walk is none of its business."""
    project = "consent: {purposes: {nurture: {title: Mails}}}"
    person = {"consent": ("nurture",)}
    walk = await a_walk(store, clock, HELLO, head="exit: [{replied: any}]", project=project, person=person)
    async with store.write() as tx:
        old = Incoming(dedupe_key="r", kind="replied", candidate="c_ana", at=MONDAY - timedelta(days=1))
        await take_in(tx, clock, old)

    assert DONE == await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)


async def test_contact_policy_counts_all_walks_of_a_person(store: Store, clock: StandingClock) -> None:
    """One mail a day means one mail a day, however many sequences a person is in."""
    policy = "contact_policy: {at_most: [{mails: 1, per: 1 day}]}\nconsent: {purposes: {nurture: {title: Mails}}}"
    other_flow = f"purpose: nurture\nsteps:\n{HELLO}"
    walk = await a_walk(store, clock, HELLO, project=policy, other=other_flow, person={"consent": ("nurture",)})
    other = await another_walk(store, clock, "other")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    first, second = await asyncio.gather(*(desk.send(name, "hello", at=MONDAY) for name in (walk, other)))

    assert ["done", "hold"] == sorted([first.status, second.status])
    assert MONDAY + timedelta(days=1) in (first.until, second.until)


async def test_held_mail_leaves_no_row(store: Store, clock: StandingClock) -> None:
    """A mail that waits for the morning has not been claimed."""
    walk = await a_walk(store, clock, "  - {id: hello, send: welcome, not_after: event.starts_at}\n")
    night = MONDAY + timedelta(hours=13)
    outcome = await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=night)
    async with store.read() as tx:
        rows = await sends.of_enrollment(tx, walk)

    assert ("hold", []) == (outcome.status, list(rows))
