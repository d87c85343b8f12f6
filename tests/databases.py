"""The databases that the store runs on: every test that asks for `database` runs on each, with empty tables of its own.

PostgreSQL is `RAPPORT_TEST_POSTGRES_URL` (a server on which we may create databases) or else one of our own, which
starts once per test process, without a port, and ends with it.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import URL, Table, delete, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.schema import METADATA
from tests.postgres_server import a_server, why_no_server
from tests.unit.store.worlds import a_database, opened, url_of

GIVEN = "RAPPORT_TEST_POSTGRES_URL"


def _a_name() -> str:
    return f"rapport_test_{secrets.token_hex(6)}"


@dataclass(slots=True)
class Cluster:
    """A PostgreSQL server and one migrated database on it, which is emptied for each test."""

    place: URL
    name: str = field(default_factory=_a_name)
    _runner: asyncio.Runner = field(default_factory=lambda: asyncio.Runner(loop_factory=asyncio.new_event_loop))
    _engine: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        """Make the tables, once."""
        self._do(self.place, f"CREATE DATABASE {self.name}")
        asyncio.run(migrate(self.url_of(self.name)))
        self._engine = create_async_engine(self.url_of(self.name), isolation_level="AUTOCOMMIT")

    def url_of(self, name: str) -> str:
        """The URL of one database, as `RAPPORT_DATABASE_URL` has it."""
        return self.place.set(database=name).render_as_string(hide_password=False)

    def emptied(self) -> str:
        """The URL of the database, all tables empty and all counters at 1; call it outside of a running loop."""
        self._runner.run(_run(self._engine, _EMPTY))
        return self.url_of(self.name)

    def version(self) -> str:
        """What the tables say of their own release."""
        return self._runner.run(_only(self._engine, "SELECT version_num FROM alembic_version"))

    @contextmanager
    def created(self) -> Iterator[str]:
        """The URL of a database without tables, dropped at the end; ten times as slow as emptying one."""
        name = _a_name()
        self._do(self.place, f"CREATE DATABASE {name}")
        try:
            yield self.url_of(name)
        finally:
            self._do(self.place, f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leave nothing behind on a server that goes on."""
        self._runner.run(self._engine.dispose())
        self._do(self.place, f"DROP DATABASE {self.name} WITH (FORCE)")
        self._runner.close()

    def _do(self, place: URL, statement: str) -> None:
        async def inside() -> None:
            engine = create_async_engine(place, isolation_level="AUTOCOMMIT")
            await _run(engine, statement)
            await engine.dispose()

        self._runner.run(inside())


def _emptying() -> str:
    """One statement for the tables of a few rows that tests leave; TRUNCATE makes new files and takes 50 ms."""
    tables = METADATA.sorted_tables
    counters = [f"PERFORM setval('{table.name}_id_seq', 1, false)" for table in tables if _counts(table)]
    deletes = [str(delete(table)) for table in reversed(tables)]
    # Triggers rest: a ledger that only grows is emptied between tests all the same.
    begin = "PERFORM set_config('session_replication_role', 'replica', true)"
    return f"DO $$ BEGIN {'; '.join([begin, *deletes, *counters])}; END $$"


def _counts(table: Table) -> bool:
    return table.autoincrement_column is not None


_EMPTY = _emptying()


async def _run(engine: AsyncEngine, statement: str) -> None:
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)


async def _only(engine: AsyncEngine, query: str) -> str:
    async with engine.connect() as connection:
        return str((await connection.exec_driver_sql(query)).scalar_one())


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL server of this test process; skips with the reason where there can be none."""
    given = os.environ.get(GIVEN)
    reason = None if given else why_no_server()
    if reason is not None:
        pytest.skip(f"no PostgreSQL: {reason}; name a server in {GIVEN}")
    with _running(given) as place:
        cluster = Cluster(place)
        yield cluster
        cluster.close()


@contextmanager
def _running(given: str | None) -> Iterator[URL]:
    if given:
        yield make_url(given)
        return
    with a_server() as folder:
        yield URL.create("postgresql+asyncpg", username="postgres", database="postgres", query={"host": str(folder)})


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database, of each kind that we support; only its rows may be changed."""
    if request.param == "sqlite":
        yield a_database(tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    before = cluster.version()
    yield cluster.emptied()
    assert before == cluster.version(), "The next test would get these tables too: ask for empty_database instead"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nothing has been done to, not even a migration."""
    if request.param == "sqlite":
        yield url_of(tmp_path / "deep" / "new.db")
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    with cluster.created() as url:
        yield url


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store, on each kind of database."""
    async with opened(database) as store:
        yield store
