"""SQLite: one file, one writer, and readers that do not wait for it."""

from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rapport.errors import ConfigurationError
from rapport.store.one_visit import OneVisit
from rapport.store.writing import PATIENCE_MILLISECONDS, PATIENCE_SECONDS, is_writing

_PRAGMAS = (
    f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}",  # first: the others may have to wait as well
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not only marked as free
    "PRAGMA synchronous = FULL",  # an acknowledged event must survive a power cut
)


def connect_sqlite(url: str) -> AsyncEngine:
    """Make an engine for a file; ConfigurationError for a database in memory."""
    place = make_url(url).database
    if not place or place == ":memory:":
        raise ConfigurationError("A store in memory is lost at once.", hint="Name a file in RAPPORT_DATABASE_URL.")
    if not Path(place).exists():
        Path(place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite would make it for everybody on the machine to read; its other files take the rights of this one.
        Path(place).touch(mode=0o600)
    engine = create_async_engine(
        url, hide_parameters=True, pool_timeout=PATIENCE_SECONDS, async_creator=partial(_connected, place)
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


async def _connected(place: str) -> OneVisit:
    connection = OneVisit(place)
    try:
        await connection
    except BaseException:
        await connection.ended()
        raise
    return connection


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: `_begin` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A plain BEGIN that reads and then writes fails at once when another writer was in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")
