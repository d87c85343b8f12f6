"""A mail leaves once, and what the mail server answers decides what follows."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from rapport.engine.runtime import Outcome
from rapport.ports import Delivery
from rapport.store import candidates, consents, sends
from rapport.store.database import Store
from rapport.store.tables.people import CandidateRow
from rapport.usecases.cause import Cause
from rapport.usecases.segments import refresh
from tests.unit.store.worlds import MONDAY, PROJECT, StandingClock
from tests.unit.usecases.desks import (
    Answering,
    Killed,
    KilledError,
    a_desk,
    a_receiver,
    a_walk,
    another_walk,
    the_row,
)

HELLO = "  - {id: hello, send: welcome}\n"
DONE = Outcome(status="done")


async def move_to(store: Store, address: str) -> None:
    """Give Ana another address."""
    async with store.write() as tx:
        await tx.execute(update(CandidateRow).values(email=address))


async def test_second_call_sends_nothing(store: Store, clock: StandingClock) -> None:
    """A retry finds the first result: the candidate has one mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        outcomes = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]

    assert [DONE, DONE] == outcomes
    assert 1 == len(receiver.mails)


async def test_the_row_holds_what_left(store: Store, clock: StandingClock) -> None:
    """We can always show the very bytes, the text's hash and the links of a mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)
    async with store.read() as tx:
        link = await sends.link(tx, row.id, 1)

    assert ("accepted", MONDAY, "Hello Ana", "c0ffee") == (row.state, row.accepted_at, row.subject, row.commit)
    assert link is not None
    assert ("jobs", "https://acme.example/j") == (link.name, link.url)
    assert row.message_id is not None
    assert row.message_id.encode() in receiver.mails[0].raw
    assert b"You get this because you agreed to mails from Acme on 1 March 2026." in receiver.mails[0].raw
    assert b".gif" not in receiver.mails[0].raw


async def test_opens_are_measured_with_consent_to_tracking_only(store: Store, clock: StandingClock) -> None:
    """No pixel without consent; with it there is one."""
    walk = await a_walk(store, clock, HELLO, person={"consent": ("nurture", "tracking")})
    async with a_receiver() as receiver:
        await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)

    assert b".gif" in receiver.mails[0].raw


async def test_killed_after_handing_over_is_parked(store: Store, clock: StandingClock) -> None:
    """A worker that dies between the server's yes and our note never leads to a second mail."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        with pytest.raises(KilledError):
            await a_desk(store, Killed(receiver.mailer()), clock).send(walk, "hello", at=MONDAY)
        desk = a_desk(store, receiver.mailer(), clock)
        outcomes = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]

    assert [DONE, DONE] == outcomes
    assert "unknown" == (await the_row(store, walk)).state
    assert 1 == len(receiver.mails)


async def test_two_workers_at_once_send_one_mail(store: Store, clock: StandingClock) -> None:
    """The same step, tried by several tasks of two workers at the same moment, is one mail at the receiver."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        desks = [a_desk(store, receiver.mailer(), clock) for _ in range(2)]
        outcomes = await asyncio.gather(*(desk.send(walk, "hello", at=MONDAY) for desk in desks * 3))

    assert [DONE] * 6 == outcomes
    assert 1 == len(receiver.mails)


async def test_hard_bounce_closes_the_address_and_never_says_it(store: Store, clock: StandingClock) -> None:
    """The server's 550 repeats the address; the walk hears of a bounce, and nothing of the address."""
    walk = await a_walk(store, clock, HELLO, other=f"purpose: nurture\nsteps:\n{HELLO}")
    other = await another_walk(store, clock, "other")
    await move_to(store, "nobody@people.test")
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        first, second = [await desk.send(walk, "hello", at=MONDAY) for _ in range(2)]
        elsewhere = await desk.send(other, "hello", at=MONDAY)
    row = await the_row(store, walk)

    assert ("failed", ["bounced"]) == (first.status, [happening.kind for happening in first.heard])
    assert first == second
    assert [f"{walk}/hello/bounced"] == [happening.id for happening in first.heard]
    assert "@" not in repr(first)
    assert "nobody@people.test" in (row.server_text or "")
    assert ["bounced"] == [happening.kind for happening in elsewhere.heard]
    async with store.read() as tx:
        assert {"all"} == await consents.suppressed(tx, row.recipient_key)


async def test_deferred_mail_is_tried_again_with_the_same_bytes(store: Store, clock: StandingClock) -> None:
    """A full mailbox is asked again later; what then arrives is the mail of the first try."""
    walk = await a_walk(store, clock, HELLO)
    async with store.read() as tx:
        address = (await tx.get_one(CandidateRow, "c_ana")).email or ""
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        await move_to(store, "full@people.test")
        first = await desk.send(walk, "hello", at=MONDAY)
        raw = (await the_row(store, walk)).raw
        await move_to(store, address)
        second = await desk.send(walk, "hello", at=MONDAY + timedelta(minutes=5))

    assert ("retry", "refused for now (452 4.2.2)") == (first.status, first.reason)
    assert DONE == second
    assert raw is not None
    assert (await the_row(store, walk)).raw == raw


@pytest.mark.parametrize(
    ("delivery", "outcome", "state"),
    [
        (Delivery(status="accepted"), DONE, "accepted"),
        (Delivery(status="unknown", reason="lost"), DONE, "unknown"),
        (Delivery(status="retry", reason="later"), Outcome(status="retry", reason="later"), "rendered"),
        (Delivery(status="block", code=550, reason="no"), Outcome(status="failed", reason="no (550)"), "refused"),
        (Delivery(status="configuration", reason="us"), Outcome(status="retry", reason="us"), "refused"),
        (
            Delivery(status="retry", reason="later", retry_after=timedelta(minutes=5)),
            Outcome(status="retry", reason="later", until=MONDAY + timedelta(minutes=5)),
            "rendered",
        ),
    ],
)
async def test_each_answer_of_a_server_has_one_meaning(
    store: Store, clock: StandingClock, delivery: Delivery, outcome: Outcome, state: str
) -> None:
    """A block or a wrong login is no bounce: the address stays open; what is ours to repair is tried again."""
    walk = await a_walk(store, clock, HELLO)

    assert outcome == await a_desk(store, Answering(delivery), clock).send(walk, "hello", at=MONDAY)
    row = await the_row(store, walk)
    assert state == row.state
    async with store.read() as tx:
        assert frozenset() == await consents.suppressed(tx, row.recipient_key)


SILENT = "silent: {title: S, members: {candidate.last_contacted_on: {before: 2026-03-02}}}"


@pytest.mark.parametrize(
    ("answer", "day", "segments"),
    [
        (Delivery(status="accepted"), date(2026, 3, 2), []),
        (Delivery(status="unknown"), date(2026, 3, 2), []),
        (Delivery(status="retry"), date(2026, 1, 5), ["silent"]),
        (Delivery(status="block"), date(2026, 1, 5), ["silent"]),
    ],
)
async def test_a_mail_is_the_day_on_which_somebody_was_last_written_to(
    store: Store, clock: StandingClock, answer: Delivery, day: date, segments: list[str]
) -> None:
    """Conditions and segments ask for it: who was silent for long is so until a mail has left, or may have."""
    person = {"last_contacted_on": date(2026, 1, 5), "timezone": "Asia/Tokyo"}
    walk = await a_walk(store, clock, HELLO, person=person, project=PROJECT.replace("pools:", f"pools:\n  {SILENT}", 1))
    async with store.write() as tx:
        await refresh(tx, clock, ["c_ana"], cause=Cause(text="test", at=MONDAY))

    await a_desk(store, Answering(answer), clock).send(walk, "hello", at=MONDAY)

    async with store.read() as tx:
        assert day == (await candidates.get(tx, "c_ana")).last_contacted_on
        assert segments == await candidates.pools_of(tx, "c_ana", MONDAY)


# Each costs half a millisecond: 51 made it 18 mails a second on a laptop.
MOST_STATEMENTS = 20


async def test_a_mail_costs_few_statements(store: Store, clock: StandingClock) -> None:
    """A campaign of ten thousand is a matter of minutes: nothing is read twice for one mail."""
    walk = await a_walk(store, clock, HELLO, other=f"purpose: nurture\nsteps:\n{HELLO}")
    other = await another_walk(store, clock, "other")
    desk = a_desk(store, Answering(Delivery(status="accepted")), clock)
    await desk.send(other, "hello", at=MONDAY)  # plans and texts are read once per process
    statements: list[str] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *heard: statements.append(heard[2]))
    outcome = await desk.send(walk, "hello", at=MONDAY)

    assert DONE == outcome
    assert [] == statements[MOST_STATEMENTS:]


async def test_consent_that_ran_out_before_the_claim_sends_nothing(store: Store, clock: StandingClock) -> None:
    """It is asked at the very claim: what held when the walk came to the step, and ran out since, is over."""
    walk = await a_walk(store, clock, HELLO)
    async with store.write() as tx:
        await consents.record(
            tx,
            candidate="c_ana",
            purpose="nurture",
            state="granted",
            source="form",
            at=clock.at,
            recorded_at=clock.at,
            expires_at=clock.at + timedelta(minutes=1),
        )
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        clock.at += timedelta(minutes=2)

        outcome = await desk.send(walk, "hello", at=clock.at)

    assert ([], "end") == (receiver.mails, outcome.status)
