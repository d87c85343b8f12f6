"""A mail of which nobody can say whether it left: parked, settled by what happens, sent again once, or dropped."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from rapport.engine.runtime import Outcome
from rapport.errors import NotFound, Refused
from rapport.ids import send_id
from rapport.ports import Delivery, Mailer
from rapport.store import deliveries, enrollments, sends
from rapport.store.database import Store
from rapport.store.tables.mails import SendRow
from rapport.usecases import parked
from rapport.usecases.desk import StoreDesk
from rapport.usecases.dispatch import Dispatcher
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.ledger import move
from tests.unit.store.worlds import DAY, MONDAY, PROJECT, StandingClock
from tests.unit.usecases.desks import Answering, Killed, KilledError, a_desk, a_receiver, a_walk
from tests.unit.usecases.test_dispatch import Heard

HELLO = "  - {id: hello, send: welcome}\n"
LOST = Answering(Delivery(status="unknown", reason="connection lost after the mail"))
RESEND = PROJECT.replace("contact_policy: {", "contact_policy: {if_unknown: resend, ")


async def the_row(store: Store, walk: str) -> SendRow:
    """The row of the mail."""
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, "hello"))
    assert row is not None
    return row


async def a_parked_mail(store: Store, clock: StandingClock, project: str = PROJECT) -> str:
    """Ana's walk, whose mail nobody can say anything about."""
    walk = await a_walk(store, clock, HELLO, project=project, head="exit: [{replied: any}]")
    assert Outcome(status="done") == await a_desk(store, LOST, clock).send(walk, "hello", at=MONDAY)
    return walk


async def ask(store: Store, clock: StandingClock, walk: str) -> None:
    """A colleague wants it sent again."""
    async with store.write() as tx:
        await parked.resend(tx, clock, send_id(walk, "hello"), by="anna-koch")


async def empty_the_outbox(store: Store, clock: StandingClock, mailer: Mailer) -> StoreDesk:
    """Let a worker with this mailer do what is due."""
    desk = a_desk(store, mailer, clock)
    await Dispatcher(store, Heard(), clock, resend=desk.resend).drain()
    return desk


async def test_a_parked_mail_goes_again_once_with_the_same_bytes(store: Store, clock: StandingClock) -> None:
    """Killed in mid-send, then sent again by a person: the receiver can tell by the Message-ID that it is the same."""
    walk = await a_walk(store, clock, HELLO)
    async with a_receiver() as receiver:
        with pytest.raises(KilledError):
            await a_desk(store, Killed(receiver.mailer()), clock).send(walk, "hello", at=MONDAY)
        desk = a_desk(store, receiver.mailer(), clock)
        await desk.send(walk, "hello", at=MONDAY)
        await ask(store, clock, walk)
        clock.at += timedelta(minutes=5)
        await empty_the_outbox(store, clock, receiver.mailer())
        await empty_the_outbox(store, clock, receiver.mailer())
    row = await the_row(store, walk)

    assert 2 == len(receiver.mails)
    assert receiver.mails[0].raw == receiver.mails[1].raw
    assert ("accepted", clock.at, 2) == (row.state, row.accepted_at, row.attempts)


async def test_once_is_once(store: Store, clock: StandingClock) -> None:
    """Sent again and in doubt again: nobody sends it a third time."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    await empty_the_outbox(store, clock, LOST)

    with pytest.raises(Refused) as caught:
        await ask(store, clock, walk)
    assert ("resent", "unknown") == (caught.value.reason, (await the_row(store, walk)).state)


async def test_killed_while_sending_again_is_parked_for_good(store: Store, clock: StandingClock) -> None:
    """A worker that dies while it sends again leaves the mail parked, and no other worker takes it up."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    async with a_receiver() as receiver:
        with pytest.raises(KilledError):
            await empty_the_outbox(store, clock, Killed(receiver.mailer()))
        clock.at += timedelta(minutes=5)
        await empty_the_outbox(store, clock, receiver.mailer())
    row = await the_row(store, walk)

    assert 1 == len(receiver.mails)
    assert ("unknown", "interrupted while it was sent again") == (row.state, row.reason)


async def test_a_dropped_mail_never_goes(store: Store, clock: StandingClock) -> None:
    """Whoever drops it while it waits to be sent again has the last word."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    async with store.write() as tx:
        await parked.drop(tx, send_id(walk, "hello"), by="anna-koch")
    mailer = Answering(Delivery(status="accepted"))
    desk = await empty_the_outbox(store, clock, mailer)

    assert Outcome(status="done") == await desk.send(walk, "hello", at=MONDAY)
    assert ("dropped", 0) == ((await the_row(store, walk)).state, mailer.count)


async def test_what_is_not_parked_cannot_be_decided_about(store: Store, clock: StandingClock) -> None:
    """A mail that has arrived is neither sent again nor dropped."""
    walk = await a_walk(store, clock, HELLO)
    await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)
    async with store.write() as tx:
        for decide in (parked.drop(tx, send_id(walk, "hello"), by="x"), parked.resend(tx, clock, 7, by="x")):
            with pytest.raises((Refused, NotFound)):
                await decide


async def test_the_policy_sends_again_by_itself(store: Store, clock: StandingClock) -> None:
    """With `if_unknown: resend` a mail in doubt goes once more, and then waits for a person like any other."""
    walk = await a_parked_mail(store, clock, RESEND)
    await empty_the_outbox(store, clock, LOST)
    again = Answering(Delivery(status="accepted"))
    await empty_the_outbox(store, clock, again)

    row = await the_row(store, walk)
    assert ("unknown", 2, 0) == (row.state, row.attempts, again.count)


async def test_a_server_that_is_away_is_asked_later_and_holds_up_no_news(store: Store, clock: StandingClock) -> None:
    """Sending again waits as long as the server asks; meanwhile the walk hears what happens."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    busy = Answering(Delivery(status="retry", reason="greylisted", retry_after=timedelta(minutes=10)))
    await empty_the_outbox(store, clock, busy)
    async with store.write() as tx:
        await take_in(tx, clock, Incoming(dedupe_key="r", kind="out_of_office", candidate="c_ana", at=MONDAY))
        told = [row.kind for row in await deliveries.lease(tx, limit=9, now=MONDAY, lease=timedelta(0))]
    clock.at += timedelta(minutes=9)
    await empty_the_outbox(store, clock, Answering(Delivery(status="accepted")))
    early = (await the_row(store, walk)).state
    clock.at += timedelta(minutes=1)
    await empty_the_outbox(store, clock, Answering(Delivery(status="accepted")))

    assert ["happening"] == told
    assert ("unknown", "accepted") == (early, (await the_row(store, walk)).state)


@pytest.mark.parametrize(
    ("happens", "why"),
    [("replied", "news that ends the walk"), ("unsubscribed", "news that ends the walk")],
)
async def test_nothing_goes_again_to_someone_who_has_answered(
    store: Store, clock: StandingClock, happens: str, why: str
) -> None:
    """A second copy obeys the same rules as the first: not after a reply, not without consent."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    async with store.write() as tx:
        await take_in(tx, clock, Incoming(dedupe_key="x", kind=happens, candidate="c_ana", at=MONDAY))
    mailer = Answering(Delivery(status="accepted"))
    await empty_the_outbox(store, clock, mailer)
    row = await the_row(store, walk)

    assert ("unknown", f"not sent again: {why}", 0) == (row.state, row.reason, mailer.count)


async def test_a_mail_does_not_stand_in_its_own_way(store: Store, clock: StandingClock) -> None:
    """One mail a day: the copy of a mail in doubt is that very mail, and no second one."""
    policy = PROJECT.replace("contact_policy: {", "contact_policy: {at_most: [{mails: 1, per: 1 day}], ")
    walk = await a_parked_mail(store, clock, policy)
    await ask(store, clock, walk)
    await empty_the_outbox(store, clock, Answering(Delivery(status="accepted")))

    assert "accepted" == (await the_row(store, walk)).state


@pytest.mark.parametrize(("end", "count"), [("end", 1), ("hired", 0), ("goal: applied", 0)])
async def test_a_mail_of_the_last_step_can_go_again(store: Store, clock: StandingClock, end: str, count: int) -> None:
    """That the walk has come to its last step is no reason against it; that the person was hired is one."""
    walk = await a_parked_mail(store, clock)
    await ask(store, clock, walk)
    async with store.write() as tx:
        await enrollments.end(tx, walk, name=end, at=MONDAY, path=[])
    mailer = Answering(Delivery(status="accepted"))
    await empty_the_outbox(store, clock, mailer)

    assert count == mailer.count


@pytest.mark.parametrize(
    ("kind", "verdict", "state"),
    [
        ("clicked", "human", "accepted"),
        ("clicked", "machine", "accepted"),
        ("replied", "human", "accepted"),
        ("bounced", "human", "refused"),
        ("applied", "human", "unknown"),
    ],
)
@pytest.mark.parametrize("dropped", [False, True])
async def test_what_the_candidate_does_tells_what_became_of_it(
    store: Store, clock: StandingClock, kind: str, verdict: str, state: str, *, dropped: bool
) -> None:
    """Nobody clicks in a mail that has not arrived, and only what was sent comes back."""
    walk = await a_parked_mail(store, clock)
    number = send_id(walk, "hello")
    async with store.write() as tx:
        if dropped:
            await parked.drop(tx, number, by="x")
        incoming = Incoming(
            dedupe_key=kind,
            kind=kind,
            candidate="c_ana",
            enrollment=walk,
            step="hello",
            send=number if kind != "applied" else None,
            at=MONDAY + DAY,
            verdict="machine" if verdict == "machine" else "human",
        )
        await take_in(tx, clock, incoming)
    row = await the_row(store, walk)

    assert ("dropped" if dropped and state == "unknown" else state) == row.state
    assert (MONDAY if state == "accepted" else None) == row.accepted_at


async def test_there_is_no_way_back_from_sent(store: Store, clock: StandingClock) -> None:
    """The ledger refuses what its table does not name."""
    walk = await a_walk(store, clock, HELLO)
    await a_desk(store, Answering(Delivery(status="accepted")), clock).send(walk, "hello", at=MONDAY)

    with pytest.raises(ValueError, match="cannot become sending once it is accepted"):
        move(await the_row(store, walk), "sending", None)


@dataclass(slots=True)
class Slow:
    """A Mailer whose server takes its time: it takes the mail once somebody lets it."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    takes: asyncio.Event = field(default_factory=asyncio.Event)
    count: int = 0

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Keep whoever asks waiting."""
        del raw, sender, recipient
        self.count += 1
        self.asked.set()
        await self.takes.wait()
        return Delivery(status="accepted", reason="taken", code=250)


async def test_a_slow_mail_server_is_not_broken_off(store: Store, clock: StandingClock) -> None:
    """The outbox loses patience before the server has answered; the mail is sent once, and not in doubt again."""
    walk, slow = await a_parked_mail(store, clock), Slow()
    await ask(store, clock, walk)
    desk = a_desk(store, slow, clock)
    first = asyncio.create_task(desk.resend(send_id(walk, "hello"), 1, MONDAY))
    await slow.asked.wait()
    first.cancel()
    await asyncio.wait([first])
    slow.takes.set()
    again = await desk.resend(send_id(walk, "hello"), 2, MONDAY)

    assert (None, 1, "accepted") == (again, slow.count, (await the_row(store, walk)).state)
