"""PostgreSQL, with the promises of SQLite: writers take turns, readers see one moment, errors name no person."""

import re

from sqlalchemy import Connection, ExceptionContext, event, make_url
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rapport.errors import ConfigurationError
from rapport.store.writing import PATIENCE_MILLISECONDS, PATIENCE_SECONDS, is_writing

# Names the turn among all advisory locks of the database; the digits are those of "rapport" on a telephone.
_TURN = 7277678
# A writer whose machine vanished in mid-transaction keeps the turn until this is over.
_ABANDONED_MILLISECONDS = 30_000
# One statement, one round trip; the patience holds for the lock that is asked for right behind it.
_TAKE_TURN = (
    f"SELECT set_config('lock_timeout', '{PATIENCE_MILLISECONDS}', true),"
    f" set_config('idle_in_transaction_session_timeout', '{_ABANDONED_MILLISECONDS}', true),"
    f" pg_advisory_xact_lock({_TURN})"
)
# Behind these, the server and the driver quote the row or the value that did not fit.
_QUOTING = re.compile(r"(\nDETAIL:|(?<=invalid input for query argument) ).*", re.DOTALL)


def connect_postgres(url: str) -> AsyncEngine:
    """Make an engine for a server; ConfigurationError when its driver is not installed.

    A transaction that reads sees one snapshot. One that writes waits for its turn first and then sees what the last
    writer left, so that nothing it has read can change before it commits: no lost update, no serialization failure,
    no deadlock, and the numbers of the outbox rise in the order of commits. Hence no block needs to run twice.
    """
    try:
        engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=PATIENCE_SECONDS,
            connect_args={"timeout": PATIENCE_SECONDS},
            isolation_level="REPEATABLE READ",
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"There is no driver for {make_url(url).drivername}:// installed.",
            hint="Begin RAPPORT_DATABASE_URL with postgresql+asyncpg://, and run: pip install 'rapport-crm[postgres]'.",
        ) from error
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "handle_error", _hush)
    return engine


def _begin(connection: Connection) -> None:
    if is_writing(connection):
        connection.exec_driver_sql(_TAKE_TURN)


def _hush(context: ExceptionContext) -> None:
    """Take what the server quotes out of an error: it may hold an address, and errors end up in logs."""
    error: BaseException | None = context.sqlalchemy_exception
    while error is not None:
        error.args = tuple(_QUOTING.sub("", item) if isinstance(item, str) else item for item in error.args)
        if getattr(error, "detail", None):
            setattr(error, "detail", None)  # noqa: B010  # only the driver's own errors have it
        error = error.__cause__ or getattr(error, "orig", None)
