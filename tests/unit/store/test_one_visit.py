"""SQLite's thread: one visit for each statement, and nothing that a statement has to say is lost on the way."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from rapport.store.one_visit import OneVisit

_PEOPLE = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"


class _Counting(OneVisit):
    visits = 0

    async def _execute(self, fn: Callable[..., object], *args: object, **kwargs: object) -> object:
        type(self).visits += 1
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite's own


async def _connected(place: Path) -> OneVisit:
    connection = _Counting(str(place))
    await connection
    return connection


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    """A connection as SQLAlchemy uses it, to a file with one table."""
    engine = create_async_engine("sqlite+aiosqlite://", async_creator=partial(_connected, tmp_path / "people.db"))
    async with engine.connect() as connection:
        await connection.execute(text(_PEOPLE))
        yield connection
    await engine.dispose()


async def test_a_statement_is_one_visit(connection: AsyncConnection) -> None:
    """A visit costs more than the statement itself, and a walk makes dozens."""
    for statement in ("INSERT INTO people (name) VALUES ('Ana')", "SELECT * FROM people"):
        before = _Counting.visits
        await connection.execute(text(statement))

        assert 1 == _Counting.visits - before


async def test_rows_counts_and_numbers_come_along(connection: AsyncConnection) -> None:
    """What is read, changed and numbered is told as by SQLite itself."""
    insert = text("INSERT INTO people (name) VALUES (:name)")
    await connection.execute(insert, [{"name": "Ana"}, {"name": "Ben"}])
    cleo = await connection.execute(insert, {"name": "Cleo"})
    changed = await connection.execute(text("UPDATE people SET name = upper(name) WHERE id > 1"))
    gone = await connection.execute(text("DELETE FROM people WHERE id > 1 RETURNING name"))
    left = await connection.execute(text("SELECT id, name FROM people"))
    none = await connection.execute(text("SELECT id FROM people WHERE id > 1"))

    assert (3, 2, ["BEN", "CLEO"]) == (cleo.lastrowid, changed.rowcount, list(gone.scalars()))
    assert [{"id": 1, "name": "Ana"}] == [dict(row) for row in left.mappings()]
    assert [] == none.all()


async def test_an_error_leaves_the_connection_usable(connection: AsyncConnection) -> None:
    """A row that is there already is an error of the database, and the next statement works."""
    insert = text("INSERT INTO people (name) VALUES ('Ana')")
    await connection.execute(insert)

    with pytest.raises(IntegrityError) as caught:
        await connection.execute(insert)

    assert isinstance(caught.value.orig, sqlite3.IntegrityError)
    assert [1] == list((await connection.execute(text("SELECT count(*) FROM people"))).scalars())
