"""The one place where settings become adapters, for the worker, the API and the command line alike."""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rapport.ats.project_vendors import Connections, ProjectVendors
from rapport.ats.registry import Registry
from rapport.ats.webhooks import HttpWebhooks
from rapport.clock import Clock, SystemClock
from rapport.dsl.project import AtsConnection, WebhookTarget
from rapport.mail.dkim_file import dkim_key
from rapport.mail.dkim_key import DkimKey
from rapport.mail.smtp import Relay, SmtpMailer, TlsMode
from rapport.mail.tokens import Signer
from rapport.settings import Settings, Tls, is_loopback
from rapport.store.ats_limits import StoreGate
from rapport.store.database import Store
from rapport.usecases.ats_sync import AtsSync
from rapport.usecases.compose_mail import Letterhead
from rapport.usecases.connected_ats import ConnectedAts
from rapport.usecases.desk import StoreDesk
from rapport.usecases.shelf import live_project

_TLS: Mapping[Tls, TlsMode] = {"none": "none", "starttls": "starttls", "implicit": "tls"}
# Tokens carry the number of their key; there is one as long as there is one secret.
_KEY = 0


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that a process of this installation works with, open."""

    settings: Settings
    clock: Clock
    store: Store
    signer: Signer = field(repr=False)
    mailer: SmtpMailer
    ats: ConnectedAts
    vendors: ProjectVendors
    sync: AtsSync
    webhooks: HttpWebhooks
    desk: StoreDesk


@asynccontextmanager
async def open_house(
    settings: Settings, clock: Clock | None = None, *, environ: Mapping[str, str] | None = None
) -> AsyncIterator[House]:
    """Open the house and close it at the end; `environ` holds what project.yaml names. Nothing is connected yet.

    The tables must be there: `rapport.store.migrate.migrate` brings them up to date.
    """
    clock = clock or SystemClock()
    environ = os.environ if environ is None else environ
    signer = signer_of(settings)
    letterhead = _letterhead(settings, signer)  # first: what is not set up is said before anything is open
    store = Store.open(settings.database)
    mailer = SmtpMailer(relay_of(settings))
    connections, webhooks = _ways_out(settings, store, clock, environ)
    vendors = ProjectVendors(connections, _registry(settings, store, clock, environ).vendor_of)
    sync = AtsSync(store=store, clock=clock, vendors=vendors, pepper=settings.pepper)
    ats = ConnectedAts(sync=sync)
    desk = StoreDesk(store, mailer=mailer, ats=ats, webhooks=webhooks, letterhead=letterhead, clock=clock)
    try:
        yield House(
            settings=settings,
            clock=clock,
            store=store,
            signer=signer,
            mailer=mailer,
            ats=ats,
            vendors=vendors,
            sync=sync,
            webhooks=webhooks,
            desk=desk,
        )
    finally:
        await mailer.close()
        await vendors.close()
        await webhooks.close()
        await store.close()


@asynccontextmanager
async def ats_alone(
    settings: Settings, store: Store, clock: Clock, *, environ: Mapping[str, str]
) -> AsyncIterator[ProjectVendors]:
    """The ATSs of the live project and nothing else of a house, for as long as the block runs."""
    connections, webhooks = _ways_out(settings, store, clock, environ)
    vendors = ProjectVendors(connections, _registry(settings, store, clock, environ).vendor_of)
    try:
        yield vendors
    finally:
        await vendors.close()
        await webhooks.close()


def _registry(settings: Settings, store: Store, clock: Clock, environ: Mapping[str, str]) -> Registry:
    """Opens ATSs; every process that has this store keeps to one gate before each of them."""
    return Registry(
        environ,
        gate=StoreGate(store, clock),
        clock=clock,
        demo=settings.demo_ats_url,
        allow_private=settings.allow_private_webhooks == "yes",
    )


def signer_of(settings: Settings) -> Signer:
    """The signer of all tokens: its key is derived, so that a token says nothing about the secret."""
    return Signer(keys={_KEY: hmac.digest(settings.secret_key.encode(), b"tokens", hashlib.sha256)}, current=_KEY)


def relay_of(settings: Settings) -> Relay:
    """The mail server; one on this machine is for development and takes addresses below `.test`."""
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=_TLS[settings.smtp_tls],
        username=settings.smtp_user or None,
        password=settings.smtp_password or None,
        test_environment=is_loopback(settings.smtp_host),
    )


def dkim_of(settings: Settings) -> DkimKey | None:
    """The key that mails are signed with; None where the relay signs. ConfigurationError for one that is no good."""
    return dkim_key(
        domain=settings.dkim_domain,
        selector=settings.dkim_selector,
        file=settings.dkim_key_file,
        text=settings.dkim_key,
    )


def _letterhead(settings: Settings, signer: Signer) -> Letterhead:
    return Letterhead(
        signer=signer,
        public_url=settings.public_url.rstrip("/"),
        mail_domain=settings.mail_domain,
        reply_domain=settings.reply_domain,
        bounce_domain=settings.bounce_domain,
        dkim=dkim_of(settings),
        relay=settings.smtp_host,
    )


def _ways_out(
    settings: Settings, store: Store, clock: Clock, environ: Mapping[str, str]
) -> tuple[Connections, HttpWebhooks]:
    """The ATS connections and the webhooks of the project that is live when they are called."""

    async def connections() -> Mapping[str, AtsConnection]:
        async with store.read() as tx:
            return (await live_project(tx)).ats

    async def targets() -> Mapping[str, WebhookTarget]:
        async with store.read() as tx:
            return (await live_project(tx)).webhooks

    allow_private = settings.allow_private_webhooks == "yes"
    return connections, HttpWebhooks(targets, environ=environ, clock=clock, allow_private=allow_private)
