"""A pause that a person has asked for: mails wait, walks go on, and the reason is there to be read."""

from datetime import datetime, timedelta

from sqlalchemy import select

from rapport.engine.happening import Happening
from rapport.engine.runtime import Outcome
from rapport.store import consents
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.timeline import timeline
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import a_desk, a_receiver, a_walk, another_walk

STEPS = "  - {id: hello, send: welcome}\n"
UNTIL = MONDAY + 92 * DAY


async def say(store: Store, clock: StandingClock, at: datetime, until: datetime | None) -> None:
    """What the preference page stores."""
    incoming = Incoming(
        dedupe_key=f"pause:{at}",
        kind="mails_paused" if until else "mails_resumed",
        candidate="c_ana",
        at=at,
        detail={"until": until.isoformat()} if until else {},
    )
    async with store.write() as tx:
        await take_in(tx, clock, incoming)


async def test_no_mail_leaves_during_a_pause(store: Store, clock: StandingClock) -> None:
    """The mail waits until the pause is over, and then goes: also in the very transaction that would send it."""
    walk = await a_walk(store, clock, STEPS)
    await say(store, clock, MONDAY, UNTIL)
    async with a_receiver() as receiver:
        desk = a_desk(store, receiver.mailer(), clock)
        gate = await desk.gate(walk, "hello", at=MONDAY)
        held = await desk.send(walk, "hello", at=MONDAY)
        sent = await desk.send(walk, "hello", at=UNTIL)

    assert ("hold", UNTIL, "paused by the candidate") == (gate.verdict, gate.until, gate.reason)
    assert Outcome(status="hold", until=UNTIL, reason="paused by the candidate") == held
    assert (Outcome(status="done"), 1) == (sent, len(receiver.mails))


async def test_a_pause_that_is_ended_holds_nothing(store: Store, clock: StandingClock) -> None:
    """Who ends the pause gets mails again at once."""
    walk = await a_walk(store, clock, STEPS)
    await say(store, clock, MONDAY, UNTIL)
    await say(store, clock, MONDAY + DAY, None)
    async with a_receiver() as receiver:
        outcome = await a_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY + DAY)

    assert Outcome(status="done") == outcome


async def test_a_pause_also_holds_walks_that_begin_in_it(store: Store, clock: StandingClock) -> None:
    """A new sequence is no way around it."""
    await a_walk(store, clock, STEPS, other=f"purpose: events\nsteps:\n{STEPS}")
    await say(store, clock, MONDAY, UNTIL)
    walk = await another_walk(store, clock, "other")
    async with a_receiver() as receiver:
        gate = await a_desk(store, receiver.mailer(), clock).gate(walk, "hello", at=MONDAY)

    assert "paused by the candidate" == gate.reason


async def test_walks_hear_of_it_and_their_timeline_says_so(store: Store, clock: StandingClock) -> None:
    """Who asks why no mail comes reads it; the walk is told the word, and nothing else."""
    walk = await a_walk(store, clock, STEPS)
    await say(store, clock, MONDAY, UNTIL)
    async with store.read() as tx:
        told = [row.payload for row in await tx.scalars(select(DeliveryRow).where(DeliveryRow.kind == "happening"))]
        lines = [entry.text for entry in await timeline(tx, walk)]

    assert ["mails_paused"] == [Happening.from_json(payload).kind for payload in told]
    assert [{}] == [Happening.from_json(payload).detail for payload in told]
    assert any(line.startswith("mails paused 2026-06-02") for line in lines)


async def test_a_pause_is_no_consent(store: Store, clock: StandingClock) -> None:
    """The entry for all mails neither grants nor withdraws anything."""
    await a_walk(store, clock, STEPS)
    await say(store, clock, MONDAY, UNTIL)
    async with store.read() as tx:
        ledger = await consents.ledger(tx, "c_ana")

    assert ["granted", "granted", "paused"] == [entry.state for entry in ledger]
    assert UNTIL == consents.paused_until(ledger, UNTIL - timedelta(seconds=1))
    assert consents.paused_until(ledger, UNTIL) is None
