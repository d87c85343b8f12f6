"""The store's two doors: `read()` for looking, `write()` for changing; a transaction ends where its block ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from rapport.errors import ConfigurationError

Tx: TypeAlias = AsyncSession

# SQLite waits this long for another writer; our transactions take milliseconds.
_BUSY_MILLISECONDS = 5000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",  # first: the others may have to wait as well
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",  # an acknowledged event must survive a power cut
)
_WRITING = "rapport_writing"


class Store:
    """One database; open it once per process and event loop, close it at the end."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Wrap an engine made by `connect`."""
        self.engine = engine
        self._writing = engine.execution_options(**{_WRITING: True})
        self._turn = _Turn() if engine.dialect.name == "sqlite" else None

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the store at a SQLAlchemy URL; nothing is read yet, and `migrate(url)` must have run before."""
        return cls(connect(url))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Look at one moment of the store; whatever is changed in the block is thrown away."""
        async with AsyncSession(self.engine, expire_on_commit=False) as tx:
            yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """Change the store: all of the block, on disk when it ends, or nothing if it raises."""
        if self._turn is None:
            async with AsyncSession(self._writing, expire_on_commit=False) as tx, tx.begin():
                yield tx
            return
        async with self._turn, AsyncSession(self._writing, expire_on_commit=False) as tx, tx.begin():
            yield tx


class _Turn:
    """Lets the tasks of one process write one after the other, in order; SQLite's own waiting is a lottery."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> None:
        if self._holder is asyncio.current_task():
            message = "this task is writing already; hand the open transaction on instead of opening a second one"
            raise RuntimeError(message)
        await self._lock.acquire()
        self._holder = asyncio.current_task()

    async def __aexit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()


def connect(url: str) -> AsyncEngine:
    """Make an engine that never prints values, and that begins as our transactions need it."""
    if make_url(url).get_backend_name() == "sqlite":
        return _connect_sqlite(url)
    return create_async_engine(url, hide_parameters=True, pool_pre_ping=True)


def _connect_sqlite(url: str) -> AsyncEngine:
    place = make_url(url).database
    if not place or place == ":memory:":
        raise ConfigurationError("A store in memory is lost at once.", hint="Name a file in RAPPORT_DATABASE_URL.")
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: `_begin` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A plain BEGIN that reads and then writes fails at once when another writer was in between.
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
