"""Events of mail providers at the door: stored once, and acted on as if our own mailbox had told them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import permutations
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text

from api.app import create_app
from rapport.ids import address_key
from rapport.mail.providers.call import Call
from rapport.mail.providers.event import ProviderName
from rapport.store import consents, sends
from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.provider_events import ProviderEventRow
from tests.api.doors import ANA, HERE, JOBS, SentMail, TestHouse, Visitor
from tests.api.provider_calls import (
    ADDRESS,
    BROWSER,
    PEPPER,
    UNKNOWN_USER,
    a_bounce,
    closed_addresses,
    deliveries_to_walks,
    rows_of,
    told_by,
    visiting_as_provider,
)
from tests.unit.mail.providers.signing import (
    PROVIDERS,
    mailgun_call,
    resend_call,
    sendgrid_call,
    settings,
)
from tests.unit.store.worlds import StandingClock


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A mail provider; Ana is known."""
    async with visiting_as_provider(store, clock) as visitor:
        await visitor.person()
        yield visitor


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_dead_address_is_closed_whoever_tells(
    visitor: Visitor, store: Store, mail: SentMail, name: ProviderName
) -> None:
    """A hard bounce finds its mail, ends the walk and closes the address, whichever provider we send through."""
    told = await told_by(visitor, name, a_bounce(name, mail))

    [heard] = await rows_of(store, HappeningRow)
    [delivery] = [row for row in await rows_of(store, DeliveryRow) if row.kind == "happening"]
    assert {"taken": 1} == told
    assert ("bounced", "hard", mail.send, "hello") == (heard.kind, heard.detail["bounce"], heard.send, heard.step)
    assert (mail.enrollment, "bounced") == (delivery.enrollment, delivery.payload["kind"])
    assert {(address_key(ADDRESS, PEPPER), "bounced")} == await closed_addresses(store)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_call_that_is_repeated_changes_nothing(
    visitor: Visitor, store: Store, mail: SentMail, name: ProviderName
) -> None:
    """A provider that missed our answer tells it again, and gets it."""
    call = a_bounce(name, mail)

    told = [await told_by(visitor, name, call) for _ in range(3)]

    assert [{"taken": 1}, {"repeated": 1}, {"repeated": 1}] == told
    assert 1 == len(await rows_of(store, HappeningRow))


async def test_the_token_outranks_everything_else(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Where a provider replaces the Message-ID, our own mark comes back."""
    event = {"event": "bounce", "type": "bounce", "smtp-id": "<x@ismtpd.sendgrid.net>", "email": ADDRESS}

    told = await told_by(visitor, "sendgrid", sendgrid_call([{**event, "rapport-send": mail.token("bounce")}]))

    assert ({"taken": 1}, [mail.send]) == (told, [row.send for row in await rows_of(store, HappeningRow)])


async def test_a_forged_token_is_nothing(visitor: Visitor, mail: SentMail) -> None:
    """What somebody else wrote into a mail of the same account finds no mail of ours."""
    token = mail.token("bounce")
    forged = ("B" if token[0] == "A" else "A") + token[1:]
    event = {"event": "delivered", "email": "x@else.example", "rapport-send": forged}

    assert {"unmatched": 1} == await told_by(visitor, "sendgrid", sendgrid_call([event]))


async def test_a_complaint_without_a_mail_of_ours_still_counts(visitor: Visitor, store: Store) -> None:
    """Whoever marked some mail as spam gets none of ours."""
    event = {"event": "complained", "id": "e1", "recipient": ADDRESS.upper()}

    told = await told_by(visitor, "mailgun", mailgun_call(event))

    assert {"taken": 1} == told
    assert {(address_key(ADDRESS, PEPPER), "complained")} == await closed_addresses(store)


async def test_what_belongs_to_nobody_is_kept_and_can_be_seen(
    visitor: Visitor, store: Store, clock: StandingClock
) -> None:
    """Somebody looks why a provider knows mails that we do not know; no address is shown."""
    event = {"event": "bounce", "email": "stranger@else.example", "smtp-id": "<1@else.example>", "sg_event_id": "e1"}

    told = await told_by(visitor, "sendgrid", sendgrid_call([event]))

    async with _here(store, clock) as here:
        answer = await here.get("/v1/provider-events", outcome="unmatched")
    [shown], [counted] = answer.json()["items"], answer.json()["counts"]
    assert {"unmatched": 1} == told
    assert ("bounced", "bounce", "<1@else.example>") == (shown["kind"], shown["word"], shown["message_id"])
    assert ("sendgrid", "unmatched", 1) == (counted["provider"], counted["outcome"], counted["number"])
    assert "stranger" not in answer.text
    assert [address_key("stranger@else.example", PEPPER)] == [
        row.address_key for row in await rows_of(store, ProviderEventRow)
    ]
    assert [] == await rows_of(store, HappeningRow)


@asynccontextmanager
async def _here(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    app = create_app(TestHouse(store=store, settings=settings()), clock)
    async with AsyncClient(transport=ASGITransport(app, client=("127.0.0.1", 50_000)), base_url=HERE) as http:
        yield Visitor(http=http, store=store, settings=settings())


async def test_a_stranger_does_not_see_what_providers_told(visitor: Visitor) -> None:
    """Listing needs a key."""
    assert 401 == (await visitor.get("/v1/provider-events")).status_code


@pytest.mark.parametrize(
    ("diagnosis", "kind"), [("452 4.2.2 Mailbox full", "soft"), ("550 5.7.1 refused by policy", "block")]
)
async def test_a_bounce_that_is_not_about_the_address_closes_nothing(
    visitor: Visitor, store: Store, mail: SentMail, diagnosis: str, kind: str
) -> None:
    """It is stored with its class, and the walk goes on."""
    event = {"event": "bounce", "email": ADDRESS, "smtp-id": mail.message_id, "reason": diagnosis}

    await told_by(visitor, "sendgrid", sendgrid_call([event]))

    assert [kind] == [row.detail["bounce"] for row in await rows_of(store, HappeningRow)]
    assert set() == await closed_addresses(store)


async def test_a_bounce_of_a_former_address_leaves_the_new_one_open(
    visitor: Visitor, store: Store, mail: SentMail
) -> None:
    """Ana has changed her address since; the walk goes on to the new one."""
    async with store.write() as tx:
        (await tx.get_one(CandidateRow, ANA)).email_key = address_key("ana@new.example", PEPPER)

    await told_by(visitor, "sendgrid", a_bounce("sendgrid", mail))

    [heard] = await rows_of(store, HappeningRow)
    assert {(address_key(ADDRESS, PEPPER), "bounced")} == await closed_addresses(store)
    assert ("unsure", 0) == (heard.verdict, await deliveries_to_walks(store))


async def test_a_complaint_from_a_former_address_is_the_persons_word(
    visitor: Visitor, store: Store, mail: SentMail
) -> None:
    """Whoever complains wants no mail, at no address."""
    async with store.write() as tx:
        (await tx.get_one(CandidateRow, ANA)).email_key = address_key("ana@new.example", PEPPER)
    event = {"event": "spamreport", "email": ADDRESS, "smtp-id": mail.message_id}

    await told_by(visitor, "sendgrid", sendgrid_call([event]))

    closed = {key for key, _ in await closed_addresses(store)}
    assert {address_key(ADDRESS, PEPPER), address_key("ana@new.example", PEPPER)} == closed
    assert 1 == await deliveries_to_walks(store)


async def test_letters_that_no_database_takes_stop_nothing(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A server's words may hold anything."""
    event = {"event": "bounce", "email": ADDRESS, "smtp-id": mail.message_id, "reason": "550 5.1.1\0 unknown \ud800"}

    assert {"taken": 1} == await told_by(visitor, "sendgrid", _escaped(event))

    assert ["550 5.1.1 unknown ?"] == [row.evidence["text"] for row in await rows_of(store, HappeningRow)]


def _escaped(event: dict[str, str]) -> Call:
    """As JSON writes what UTF-8 cannot."""
    return sendgrid_call([event], body=json.dumps([event]).encode())


async def test_the_providers_unsubscribe_is_ours(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Its own link stops everything; a group of SendGrid's stops the purpose of the mail."""
    group = {"event": "group_unsubscribe", "email": ADDRESS, "smtp-id": mail.message_id, "sg_event_id": "e1"}

    await told_by(visitor, "sendgrid", sendgrid_call([group, {**group, "event": "unsubscribe", "sg_event_id": "e2"}]))

    heard = await rows_of(store, HappeningRow)
    assert {"nurture", "all"} == {row.detail["purpose"] for row in heard}
    async with store.read() as tx:
        states = {entry.purpose: entry.state for entry in await consents.ledger(tx, ANA)}
    assert {"nurture": "withdrawn", "events": "withdrawn"} == states


async def test_delivered_takes_a_mail_out_of_doubt(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """Nobody knew whether the mail had left; the provider knows."""
    async with store.write() as tx:
        row = await sends.find(tx, mail.send)
        assert row is not None
        row.state = "unknown"

    told = await told_by(visitor, "resend", resend_call(_delivered(mail)))

    async with store.read() as tx:
        settled = await sends.find(tx, mail.send)
    assert ({"taken": 1}, "accepted") == (told, settled.state if settled else None)
    assert [] == await rows_of(store, HappeningRow)


def _delivered(mail: SentMail) -> dict[str, Any]:
    return {"type": "email.delivered", "data": {"to": [ADDRESS], "message_id": mail.message_id}}


async def test_in_any_order_and_however_often_the_end_is_the_same(
    visitor: Visitor, store: Store, mail: SentMail
) -> None:
    """Providers promise neither order nor once; each event counts once."""
    about = {"email": ADDRESS, "smtp-id": mail.message_id}
    events = [
        {**about, "event": "delivered", "sg_event_id": "e1"},
        {**about, "event": "click", "sg_event_id": "e2", "url": JOBS, "useragent": BROWSER, "timestamp": 1772442000},
        {**about, "event": "bounce", "sg_event_id": "e3", "reason": UNKNOWN_USER, "timestamp": 1772355600},
        {**about, "event": "unsubscribe", "sg_event_id": "e4", "timestamp": 1772440000},
    ]

    for order in permutations(events):
        await told_by(visitor, "sendgrid", sendgrid_call([*order, *order]))

    heard = {(row.kind, row.at.timestamp()) for row in await rows_of(store, HappeningRow)}
    assert {("clicked", 1772442000.0), ("bounced", 1772355600.0), ("unsubscribed", 1772440000.0)} == heard
    assert 4 == len(await rows_of(store, ProviderEventRow))


async def test_unknown_types_are_acknowledged_and_counted(visitor: Visitor, store: Store, clock: StandingClock) -> None:
    """A new type of event stops nothing, and shows up in the list."""
    events = [{"event": "brand_new", "sg_event_id": f"e{number}"} for number in range(3)]

    assert {"noted": 3, "broken": 1} == await told_by(visitor, "sendgrid", sendgrid_call([*events, "?"]))

    async with _here(store, clock) as here:
        [counted] = (await here.get("/v1/provider-events")).json()["counts"]
    assert ("other", "brand_new", 3) == (counted["kind"], counted["word"], counted["number"])


async def test_an_event_that_we_fail_at_takes_no_other_with_it(visitor: Visitor, store: Store, mail: SentMail) -> None:
    """A fault of ours is kept and listed; the others of the call count."""
    about = {"email": ADDRESS, "smtp-id": mail.message_id}
    async with store.write() as tx:
        await tx.execute(
            text(
                "CREATE TRIGGER fault BEFORE INSERT ON happenings WHEN NEW.kind = 'complained'"
                " BEGIN SELECT RAISE(ABORT, 'a fault'); END"
            )
        )
    events = [
        {**about, "event": "spamreport", "sg_event_id": "e1"},
        {**about, "event": "bounce", "sg_event_id": "e2", "reason": "452 4.2.2 Mailbox full"},
    ]

    assert {"failed": 1, "taken": 1} == await told_by(visitor, "sendgrid", sendgrid_call(events))
    assert ["bounced"] == [row.kind for row in await rows_of(store, HappeningRow)]
