"""A real browser before a running API and inbox; skipped with the reason where there is no Chromium."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiosmtplib
import pytest

from api.inbox.app import create_inbox
from rapport.dsl.mail_source import read_mail_source
from rapport.dsl.project import Organization
from rapport.mail.compose import compose
from rapport.mail.draft import Draft
from rapport.settings import Settings
from rapport.store import consents
from rapport.store.database import Store
from tests.api.conftest import clock, database, mail, store, visitor
from tests.api.doors import ANA, SIGNER, SentMail
from tests.api.servers import a_place, free_port, served, serving
from tests.browser.chromium import Page, chromium, why_no_chromium
from tests.unit.store.worlds import MONDAY, StandingClock

__all__ = ["clock", "database", "mail", "store", "visitor"]

_WELCOME = """---
subject: Welcome to Acme's engineering community, {{ candidate.first_name }}
preheader: What we build, and how to look behind the curtain
---
Hi {{ candidate.first_name }},

you joined our talent community. Every few weeks we send **one thing** that our engineers found worth writing down.

- [how our teams work]({{ link('jobs', 'https://acme.example/engineering') }}), from on-call to design reviews
- Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft

> If you would rather talk to a person, answer this mail.

{{ sender.name }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where the API and the inbox answer; in the inbox is Ana's first mail."""

    api: str
    inbox: str


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A browser with one tab."""
    reason = why_no_chromium()
    if reason is not None:
        pytest.skip(f"no browser: {reason}")
    async with chromium() as page:
        yield page


@pytest.fixture
async def town(store: Store, clock: StandingClock, mail: SentMail, tmp_path: Path) -> AsyncIterator[Town]:
    """A running API and a running inbox with one mail to Ana, who lets us measure opens."""
    async with store.write() as tx:
        await consents.record(
            tx, candidate=ANA, purpose="tracking", state="granted", source="form", at=MONDAY, recorded_at=MONDAY
        )
    port = free_port()
    listening, inbox = a_place()
    async with served(store, clock) as api:
        settings = Settings(public_url=api, state_folder=tmp_path)
        app = create_inbox(settings, clock, smtp_port=port, api_url=api)
        async with app.router.lifespan_context(app), serving(app, listening):
            await _send(settings, mail, port)
            # As if Ana read it an hour later: at once it would be a scanner that clicks.
            clock.at += timedelta(hours=1)
            yield Town(api=api, inbox=inbox)


async def _send(settings: Settings, mail: SentMail, port: int) -> None:
    acme = Organization(name="Acme", zone="Europe/Berlin", country="DE", postal_address="Musterstr. 1, 10115 Berlin")
    draft = Draft(
        send_id=mail.send,
        source=read_mail_source(_WELCOME, "welcome.md"),
        context={"candidate": {"first_name": "Ana"}, "sender": {"name": "Anna Koch"}},
        sender_name="Anna Koch",
        sender_email="anna@mail.acme.example",
        to_name="Ana Sample",
        to_address=f"{ANA}@people.example",
        sequence="welcome",
        purpose="nurture",
        organization=acme,
        reason_line="You get this because you joined Acme's talent community on 2 March 2026.",
        date=MONDAY,
        public_url=settings.public_url,
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
        signer=SIGNER,
        track_opens=True,
    )
    composed = compose(draft)
    await aiosmtplib.send(
        composed.raw,
        sender=f"b+{mail.token('bounce')}@{settings.bounce_domain}",
        recipients=[f"{ANA}@people.example"],
        hostname="127.0.0.1",
        port=port,
    )
