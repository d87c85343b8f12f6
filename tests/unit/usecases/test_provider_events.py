"""Events of mail providers in the store, on each kind of database."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from rapport.ids import address_key
from rapport.mail.providers.call import CallRefused
from rapport.mail.providers.event import ProviderEvent
from rapport.mail.tokens import Signer
from rapport.store import consents, provider_events
from rapport.store.database import Store
from rapport.store.tables.provider_events import ProviderProofRow
from rapport.usecases.provider_events import EventDesk, Outcome, note_failure, take_in_event, vouch
from tests.unit.store.worlds import PEPPER, StandingClock, a_person

ANA = "c_ana@people.example"


@pytest.fixture
def desk(clock: StandingClock) -> EventDesk:
    """An installation's own things."""
    signer = Signer(keys={1: b"a key for tests only"}, current=1)
    return EventDesk(
        clock=clock, signer=signer, pepper=PEPPER, public_url="https://go.acme.example", settle=timedelta(seconds=10)
    )


def _bounce(number: str, address: str) -> ProviderEvent:
    return ProviderEvent(
        provider="sendgrid",
        id=number,
        kind="bounced",
        word="bounce",
        at=None,
        address=address,
        bounce="hard",
        message_ids=("<1@else.example>",),
    )


async def _taken(store: Store, desk: EventDesk, *events: ProviderEvent) -> Sequence[Outcome]:
    outcomes = []
    for event in events:
        async with store.write() as tx:
            outcomes.append(await take_in_event(tx, desk, event))
    return outcomes


async def test_events_find_their_person_once(store: Store, desk: EventDesk) -> None:
    """A known address is closed, a stranger's event is kept, and a second telling changes nothing."""
    async with store.write() as tx:
        await a_person(tx)
    known, strange = _bounce("e1", ANA), _bounce("e2", "x@else.example")

    outcomes = await _taken(store, desk, known, strange, known, strange)

    async with store.read() as tx:
        [unmatched] = await provider_events.page(tx, outcome="unmatched", provider="sendgrid")
        counted = {(row.outcome, row.number) for row in await provider_events.counts(tx)}
        closed = await consents.suppressed(tx, address_key(ANA, PEPPER))
    assert ["taken", "unmatched", "repeated", "repeated"] == outcomes
    assert ("e2", address_key("x@else.example", PEPPER)) == (unmatched.id, unmatched.address_key)
    assert {("taken", 1), ("unmatched", 1)} == counted
    assert {"all"} == closed


async def test_a_failure_is_kept_once(store: Store, desk: EventDesk) -> None:
    """Whoever looks finds what we could not take in."""
    for _ in range(2):
        async with store.write() as tx:
            await note_failure(tx, desk, _bounce("e1", ANA))

    async with store.read() as tx:
        assert ["e1"] == [row.id for row in await provider_events.page(tx, outcome="failed")]


async def test_a_proof_vouches_for_one_body_until_it_is_stale(
    store: Store, desk: EventDesk, clock: StandingClock
) -> None:
    """It is remembered for longer than it is believed, and no longer."""

    async def show(proof: str, body: bytes) -> None:
        async with store.write() as tx:
            await vouch(tx, desk.clock, "mailgun", proof, body)

    await show("p1", b"one")
    await show("p1", b"one")
    clock.at += timedelta(hours=8)
    with pytest.raises(CallRefused, match="another call"):
        await show("p1", b"two")
    clock.at += timedelta(hours=9)
    await show("p2", b"two")

    async with store.read() as tx:
        assert ["p2"] == [row.proof for row in await tx.scalars(select(ProviderProofRow))]
