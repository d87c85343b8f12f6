"""The store's two doors: `read()` for looking, `write()` for changing; a transaction ends where its block ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from rapport.errors import ConfigurationError
from rapport.store.away import StoreAway, in_our_words
from rapport.store.postgres import connect_postgres
from rapport.store.sqlite import connect_sqlite
from rapport.store.writing import WRITING

Tx: TypeAlias = AsyncSession


class Store:
    """One database; open it once per process and event loop, close it at the end."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Wrap an engine made by `connect`."""
        self.engine = engine
        self._writing = for_writing(engine)
        self._turn = _Turn()

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open the store at a SQLAlchemy URL; nothing is read yet, and `migrate(url)` must have run before."""
        return cls(connect(url))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Look at one moment of the store; whatever is changed in the block is thrown away.

        StoreAway when the database does not answer.
        """
        with in_our_words():
            async with AsyncSession(self.engine, expire_on_commit=False) as tx:
                await _connected(tx)
                yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """Change the store: all of the block, on disk when it ends, or nothing if it raises.

        Writers take turns, those of other processes as well: what the block has read stays true until it ends.
        StoreAway when the others took too long, and nothing has been changed then; or when the database went away, and
        if that was while it ended the block, nobody can say.
        """
        async with self._turn:
            with in_our_words():
                async with AsyncSession(self._writing, expire_on_commit=False) as tx, tx.begin():
                    await _connected(tx)
                    yield tx


async def _connected(tx: Tx) -> None:
    """Begin now, so that whoever asks first learns at once that nobody answers."""
    with in_our_words(connecting=True):
        await tx.connection()


class _Turn:
    """Lets the tasks of one process write one after the other, in order, and with one connection."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._in_vain = 0

    async def __aenter__(self) -> None:
        if self._holder is asyncio.current_task():
            message = "this task is writing already; hand the open transaction on instead of opening a second one"
            raise RuntimeError(message)
        in_vain = self._in_vain
        await self._lock.acquire()
        if self._in_vain != in_vain:
            # Somebody before us has waited for the store in vain: a line of callers must not wait one after the other.
            self._lock.release()
            raise StoreAway("busy")
        self._holder = asyncio.current_task()

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._in_vain += isinstance(error, StoreAway)
        self._holder = None
        self._lock.release()


def connect(url: str) -> AsyncEngine:
    """Make an engine that never prints values and begins as our transactions need it; ConfigurationError for others."""
    match make_url(url).get_backend_name():
        case "sqlite":
            return connect_sqlite(url)
        case "postgresql":
            return connect_postgres(url)
        case other:
            raise ConfigurationError(
                f"We keep nothing in {other}.",
                hint="RAPPORT_DATABASE_URL begins with postgresql+asyncpg:// or is empty.",
            )


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine; each of its transactions is the only one that writes until it ends."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{WRITING: True})
    # A snapshot would be of before the turn; every statement must see what the last writer left.
    return engine.execution_options(**{WRITING: True}, isolation_level="READ COMMITTED")
