"""Which calls of mail providers are believed at the door, and what the others are answered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient

from api.app import create_app
from rapport.store.database import Store
from rapport.store.tables.provider_events import ProviderEventRow
from tests.api.doors import HERE, SentMail, TestHouse, Visitor
from tests.api.provider_calls import ADDRESS, a_bounce, closed_addresses, rows_of, tell, visiting_as_provider
from tests.unit.mail.providers.signing import (
    PROVIDERS,
    TOPIC,
    mailgun_call,
    sendgrid_call,
    ses_call,
    sns_message,
)
from tests.unit.store.worlds import StandingClock


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A mail provider; Ana is known."""
    async with visiting_as_provider(store, clock) as visitor:
        await visitor.person()
        yield visitor


async def test_a_token_of_mailguns_vouches_for_one_body_only(visitor: Visitor, store: Store) -> None:
    """Mailgun does not sign the body: whoever has seen a proof cannot use it for words of their own."""
    event = {"event": "delivered", "id": "e1", "recipient": ADDRESS}
    told = [
        await tell(visitor, "mailgun", mailgun_call(event)),
        await tell(visitor, "mailgun", mailgun_call({**event, "event": "complained", "id": "e2"})),
        await tell(visitor, "mailgun", mailgun_call(event)),
    ]

    assert [200, 403, 200] == [answer.status_code for answer in told]
    assert "replayed" == told[1].json()["reason"]
    assert set() == await closed_addresses(store)


async def test_what_is_not_believed_is_refused_with_a_reason(
    visitor: Visitor, store: Store, mail: SentMail, clock: StandingClock
) -> None:
    """401 without a proof, 403 for a wrong one, 400 for a body that is none, 404 for a provider that nobody set up."""
    call = a_bounce("sendgrid", mail)
    late = sendgrid_call([{}], at=clock.at - timedelta(minutes=6))
    foreign = ses_call({"eventType": "Send"}, TopicArn=TOPIC.replace("ses-events", "other"))
    answers = [
        await tell(visitor, "sendgrid", replace(call, headers={})),
        await tell(visitor, "sendgrid", replace(call, body=call.body + b" ")),
        await tell(visitor, "sendgrid", late),
        await tell(visitor, "ses", foreign),
        await tell(visitor, "sendgrid", sendgrid_call({"event": "bounce"})),
        await tell(visitor, "mandrill", call),
    ]

    assert [
        (401, "unsigned"),
        (403, "forged"),
        (403, "stale"),
        (403, "foreign"),
        (400, "unreadable"),
        (404, None),
    ] == [(answer.status_code, answer.json().get("reason")) for answer in answers]
    assert {"application/problem+json"} == {answer.headers["content-type"] for answer in answers}
    assert [] == await rows_of(store, ProviderEventRow)


async def test_without_secrets_there_is_no_door(store: Store, clock: StandingClock) -> None:
    """An installation that has set nothing believes nobody."""
    async with AsyncClient(
        transport=ASGITransport(create_app(TestHouse(store=store), clock)), base_url=HERE
    ) as stranger:
        answers = [await stranger.post(f"/provider-events/{name}", content=b"[]") for name in PROVIDERS]

    assert {404} == {answer.status_code for answer in answers}


async def test_a_huge_call_is_not_read(visitor: Visitor) -> None:
    """A megabyte holds a thousand events."""
    answer = await visitor.http.post("/provider-events/sendgrid", content=b"x" * 1_000_001)

    assert 413 == answer.status_code


async def test_amazons_confirmation_is_answered_and_noted(visitor: Visitor) -> None:
    """The subscription is set up without a click."""
    message = sns_message("You may", kind="SubscriptionConfirmation")
    answer = await visitor.http.post("/provider-events/ses", json=message)

    assert (200, 1) == (answer.status_code, answer.json()["noted"])
