"""What the ledger holds is what leaves: signed before it is stored, and in the thread that it belongs to."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import compat32

import dkim  # type: ignore[import-untyped]  # it ships no types

from rapport.ids import send_id
from rapport.ports import Delivery, Mailer
from rapport.store import sends
from rapport.store.database import Store
from rapport.usecases.desk import StoreDesk
from tests.unit.mail.keys import a_key
from tests.unit.store.worlds import DAY, MONDAY, StandingClock
from tests.unit.usecases.desks import LETTERHEAD, Answering, NoAts, a_receiver, a_walk

STEPS = """  - {id: hello, send: welcome}
  - {id: next, send: again, reply_to_previous: true}
  - {id: last, send: again, reply_to_previous: true}
"""


def a_signing_desk(store: Store, mailer: Mailer, clock: StandingClock) -> StoreDesk:
    """A desk whose mails are signed for acme.example."""
    head = replace(LETTERHEAD, dkim=a_key())
    return StoreDesk(store, mailer=mailer, ats=NoAts(), webhooks=NoAts(), letterhead=head, clock=clock)


async def stored(store: Store, walk: str, step: str) -> bytes:
    """The bytes of the ledger."""
    async with store.read() as tx:
        row = await sends.find(tx, send_id(walk, step))
    assert row is not None
    return row.raw or b""


def look_up(_name: bytes, timeout: int = 5) -> bytes:
    """What DNS says of us."""
    del timeout
    return a_key().record.encode()


async def test_the_signed_bytes_are_stored_and_sent(store: Store, clock: StandingClock) -> None:
    """The receiver gets the very bytes of the ledger, and their signature holds."""
    walk = await a_walk(store, clock, STEPS)
    async with a_receiver() as receiver:
        await a_signing_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY)
        [mail] = receiver.mails

    assert mail.raw == await stored(store, walk, "hello")
    assert dkim.verify(mail.raw, dnsfunc=look_up)


async def test_a_retry_sends_the_same_signature(store: Store, clock: StandingClock) -> None:
    """A mail that the server has deferred goes again an hour later as it was stored, its signature included."""
    walk = await a_walk(store, clock, STEPS)
    await a_signing_desk(store, Answering(Delivery(status="retry")), clock).send(walk, "hello", at=MONDAY)
    before = await stored(store, walk, "hello")
    async with a_receiver() as receiver:
        await a_signing_desk(store, receiver.mailer(), clock).send(walk, "hello", at=MONDAY + DAY / 24)
        [mail] = receiver.mails

    assert before == mail.raw


async def test_a_whole_thread_of_signed_mails(store: Store, clock: StandingClock) -> None:
    """Each follow-up answers the mail before it and names all of them; one `Re:` is enough."""
    walk = await a_walk(store, clock, STEPS)
    async with a_receiver() as receiver:
        desk = a_signing_desk(store, receiver.mailer(), clock)
        for number, step in enumerate(("hello", "next", "last")):
            await desk.send(walk, step, at=MONDAY + number * 8 * DAY)
        raws = [mail.raw for mail in receiver.mails]
    first, second, third = (message_from_bytes(raw, policy=compat32) for raw in raws)

    assert ["Hello Ana", "Re: Hello Ana", "Re: Hello Ana"] == [mail["Subject"] for mail in (first, second, third)]
    assert (first["Message-ID"], second["Message-ID"]) == (second["In-Reply-To"], third["In-Reply-To"])
    assert [*first["References"].split(), first["Message-ID"]] == second["References"].split()
    assert [*second["References"].split(), second["Message-ID"]] == third["References"].split()
    assert all(dkim.verify(raw, dnsfunc=look_up) for raw in raws)
