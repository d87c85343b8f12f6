"""What `rapport doctor` looks at: each check gives a short text, or raises an error that ends with the next step."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

import aiosmtplib
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from api.set_aside import FOLDER, SetAside
from cli import lost
from cli.doctor_ats import ats
from cli.findings import Warned, stored
from rapport.clock import SystemClock
from rapport.dsl.wording import counted
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.mail.inbound_account import read_accounts
from rapport.settings import DEVELOPMENT_SECRET, Settings
from rapport.store import mailboxes as stored_mailboxes
from rapport.store import published
from rapport.store.away import StoreAway, in_our_words
from rapport.store.database import connect
from rapport.store.migrate import SCRIPTS, NewerTables
from rapport.usecases.backlog import backlog
from rapport.usecases.lost import under_way
from rapport.usecases.sender_guard import at_risk, stopped
from rapport.wiring.house import dkim_of, relay_of
from workflows import connection
from workflows.search_attributes import require_search_attributes

Bound: TypeAlias = Callable[[], Awaitable[str]]


_SMTP_SECONDS = 5
# A look takes ten minutes at most; after an hour nobody looks any more.
_LONGEST_UNREAD = timedelta(hours=1)


async def secret(settings: Settings) -> str:
    """Whether tokens are protected."""
    return "the development secret, good for this machine only" if settings.secret_key == DEVELOPMENT_SECRET else "set"


async def database(settings: Settings) -> str:
    """Whether the store is there and its tables are of this release."""
    where = make_url(settings.database)
    engine = connect(settings.database)
    try:
        with in_our_words(connecting=True):
            async with engine.connect() as tx:
                current = await tx.run_sync(_revision)
    except (StoreAway, SQLAlchemyError) as error:
        why = error.message if isinstance(error, StoreAway) else f"It cannot be read ({type(error).__name__})."
        raise TemporaryFailure(
            f"{where.get_backend_name()}: {why}", hint="Start it, or correct RAPPORT_DATABASE_URL."
        ) from error
    finally:
        await engine.dispose()
    scripts = ScriptDirectory.from_config(_scripts())
    newest = scripts.get_current_head()
    if current not in (None, *(each.revision for each in scripts.walk_revisions())):
        raise NewerTables
    if current != newest:
        raise ConfigurationError(
            f"The tables are at {current}, this release needs {newest}." if current else "There are no tables yet.",
            hint="Start `rapport dev`, a worker or the API: the first of them brings the tables up to date.",
        )
    return f"{where.get_backend_name()}, tables at {current}"


async def temporal(settings: Settings) -> str:
    """Whether Temporal answers and knows the namespace and our search attributes, and who named that server."""
    target = connection.target_of(address=settings.temporal_address, namespace=settings.temporal_namespace)
    client = await connection.connect(address=settings.temporal_address, namespace=settings.temporal_namespace)
    await require_search_attributes(client)
    return f"{target.address} ({target.source}), namespace {target.namespace}, search attributes registered"


async def smtp(settings: Settings) -> str:
    """Whether the mail server greets us."""
    relay = relay_of(settings)
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.tls == "tls",
        start_tls=relay.tls == "starttls",
        username=relay.username,
        password=relay.password,
        timeout=_SMTP_SECONDS,
    )
    try:
        async with client:
            await client.noop()
    except aiosmtplib.SMTPAuthenticationError as error:
        raise ConfigurationError(
            "The mail server refuses our login.", hint="Correct RAPPORT_SMTP_USER and RAPPORT_SMTP_PASSWORD."
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(
            f"The mail server {relay.host}:{relay.port} does not greet us ({type(error).__name__}).",
            hint="Start it (`rapport sink` on this machine), or correct RAPPORT_SMTP_HOST and RAPPORT_SMTP_PORT.",
        ) from error
    return f"{relay.host}:{relay.port} greets us"


async def dkim(settings: Settings) -> str:
    """Who signs our mails, and what DNS must say for it."""
    key = dkim_of(settings)
    if key is None:
        return "not set up; the relay signs, or nobody does"
    return (
        f"mails are signed for {key.domain} ({key.algorithm}); DNS must hold at {key.place} the TXT record {key.record}"
    )


async def outbox(settings: Settings) -> str:
    """How much walks have still to be told, and for how long that has been waiting."""
    async with stored(settings) as store, store.read() as tx:
        found = await backlog(tx, SystemClock().now())
    seconds = f"{found.lag.total_seconds():.0f} s"
    if found.late:
        raise TemporaryFailure(
            f"{counted(found.waiting, 'message')} waiting, the oldest for {seconds}.",
            hint="Is `rapport worker` running, and Temporal?",
        )
    again = f"; sending {counted(found.resending, 'parked mail')} again" if found.resending else ""
    return (f"{counted(found.waiting, 'message')}, the oldest for {seconds}" if found.waiting else "empty") + again


async def walks(settings: Settings) -> str:
    """Whether Temporal runs just the walks that are under way; looked at one by one only where the numbers differ."""
    fates = await lost.fates_of(settings)
    async with stored(settings) as store:
        async with store.read() as tx:
            here = len(await under_way(tx))
        there = await fates.count_running()
        found = await lost.find(store, fates) if here != there else ()
        strays = await lost.stray(store, fates) if here < there else ()
    if found:
        raise ConfigurationError(
            f"{counted(len(found), 'walk')} under way in the store, and not in Temporal.",
            hint="See which, and why: rapport lost.",
        )
    if strays:
        return Warned(
            f"{counted(len(strays), 'walk')} in Temporal that this store does not know. Is it the right database? "
            "See which: rapport lost strays."
        )
    return f"{here} under way, none is lost"


async def senders(settings: Settings) -> str:
    """Whether a sender was stopped to protect its name, or may soon be."""
    async with stored(settings) as store, store.read() as tx:
        rows, risky = await stopped(tx), await at_risk(tx, SystemClock())
    if rows:
        raise ConfigurationError(
            " ".join(f"{row.sender} is stopped: {row.reason}." for row in rows),
            hint="Find out why, then: rapport senders resume ADDRESS.",
        )
    if risky:
        return Warned(f"{'; '.join(map(str, risky))}. Find out why before mail servers refuse them, at 0.3 %.")
    return "none is stopped"


async def clicks(settings: Settings) -> str:
    """Whether clicks wait on this machine for a store that was away when they were made."""
    folder = settings.state_folder / FOLDER
    waiting = await asyncio.to_thread(SetAside(folder).waiting)
    if waiting:
        raise TemporaryFailure(
            f"{counted(len(waiting), 'click')} waiting in {folder} to be stored.",
            hint="See the line `database`; a running `rapport api` stores them within seconds once it works.",
        )
    return "all stored"


async def mailboxes(settings: Settings) -> str:
    """Whether the mailboxes that replies come to are read, and whether a mail in them could not be."""
    names = [account.name for account in read_accounts(settings.mailboxes)]
    async with stored(settings) as store, store.read() as tx:
        read_at = {row.name: row.read_at for row in await stored_mailboxes.all_of_them(tx)}
        put_aside = await stored_mailboxes.count_quarantined(tx)
    now = SystemClock().now()
    late = [name for name in names if name not in read_at or now - read_at[name] > _LONGEST_UNREAD]
    if late:
        raise TemporaryFailure(
            f"{', '.join(late)} not read for an hour, or never.",
            hint="Is `rapport worker` running? See the workflow mailbox/NAME in Temporal.",
        )
    if put_aside:
        raise ConfigurationError(
            f"{counted(put_aside, 'mail')} could not be read.", hint="Look at them: rapport replies --quarantine."
        )
    return f"{', '.join(names)} read" if names else "none; replies come by POST /inbound/mail"


async def sequences(settings: Settings) -> str:
    """Which sequences are live."""
    async with stored(settings) as store, store.read() as tx:
        names = [version.sequence for version in await published.live_versions(tx)]
    if not names:
        raise ConfigurationError("No sequence is live.", hint="Run: rapport publish sequences.")
    return f"{len(names)} live ({', '.join(names)})"


CHECKS: Mapping[str, Callable[[Settings], Awaitable[str]]] = {
    "secret": secret,
    "database": database,
    "temporal": temporal,
    "smtp": smtp,
    "dkim": dkim,
    "outbox": outbox,
    "walks": walks,
    "senders": senders,
    "clicks": clicks,
    "mailboxes": mailboxes,
    "ats": ats,
    "sequences": sequences,
}


def _scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
