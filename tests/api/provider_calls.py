"""A mail provider that calls the doors: what the tests of its events share."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select

from api.app import create_app
from rapport.mail.providers.call import Call
from rapport.mail.providers.event import ProviderName
from rapport.mail.providers.registry import providers_of
from rapport.store.database import Store
from rapport.store.tables.consent import SuppressionRow
from rapport.store.tables.intake import DeliveryRow
from tests.api.doors import HERE, SentMail, TestHouse, Visitor
from tests.unit.mail.providers.signing import (
    a_call,
    an_amazon,
    settings,
)
from tests.unit.store.worlds import StandingClock

ADDRESS = "c_ana@people.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
UNKNOWN_USER = "550 5.1.1 User unknown"
PEPPER = settings().pepper


@asynccontextmanager
async def visiting_as_provider(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """The doors of an installation that believes all five providers, for callers from the Internet."""
    house = TestHouse(store=store, settings=settings())
    app = create_app(house, clock)
    app.state.providers = providers_of(house.settings, an_amazon())
    transport = ASGITransport(app, client=("203.0.113.9", 50_000))
    async with AsyncClient(transport=transport, base_url=HERE) as http:
        yield Visitor(http=http, store=store, settings=house.settings)


async def tell(visitor: Visitor, name: str, call: Call) -> Response:
    """Hand in a call as the provider does."""
    return await visitor.http.post(f"/provider-events/{name}", content=call.body, headers=dict(call.headers))


async def told_by(visitor: Visitor, name: str, call: Call) -> dict[str, int]:
    """What became of the events, without zeros."""
    answer = await tell(visitor, name, call)
    assert 200 == answer.status_code, answer.text
    return {outcome: number for outcome, number in answer.json().items() if number}


async def rows_of(store: Store, kind: type[Any]) -> Sequence[Any]:
    """Every row of a table."""
    async with store.read() as tx:
        return (await tx.scalars(select(kind))).all()


async def deliveries_to_walks(store: Store) -> int:
    """How many words went to walks, their starts left out."""
    return len([row for row in await rows_of(store, DeliveryRow) if row.kind == "happening"])


async def closed_addresses(store: Store) -> set[tuple[str, str]]:
    """The addresses that get no mail, by their keys, each with the reason."""
    return {(row.key, row.reason) for row in await rows_of(store, SuppressionRow)}


def a_bounce(name: ProviderName, mail: SentMail) -> Call:
    """The same bounce in each provider's words."""
    message_id = mail.message_id
    trees: dict[ProviderName, Any] = {
        "sendgrid": {
            "event": "bounce",
            "type": "bounce",
            "smtp-id": message_id,
            "email": ADDRESS,
            "reason": UNKNOWN_USER,
            "sg_event_id": "e1",
        },
        "mailgun": {
            "event": "failed",
            "severity": "permanent",
            "recipient": ADDRESS,
            "id": "e1",
            "message": {"headers": {"message-id": message_id.strip("<>")}},
            "delivery-status": {"code": 550, "message": UNKNOWN_USER},
        },
        "postmark": {
            "RecordType": "Bounce",
            "ID": 7,
            "Type": "HardBounce",
            "Email": ADDRESS,
            "Details": UNKNOWN_USER,
            "Metadata": {"rapport-send": mail.token("bounce")},
            "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
        },
        "ses": {
            "eventType": "Bounce",
            "bounce": {
                "bounceType": "Permanent",
                "bouncedRecipients": [{"emailAddress": ADDRESS, "diagnosticCode": UNKNOWN_USER}],
            },
            "mail": {"headers": [{"name": "Message-ID", "value": message_id}]},
        },
        "resend": {
            "type": "email.bounced",
            "data": {
                "to": [ADDRESS],
                "headers": [{"name": "Message-ID", "value": message_id}],
                "bounce": {"type": "Permanent", "message": UNKNOWN_USER},
            },
        },
    }
    return a_call(name, trees[name])
