"""A database that is busy or away is told as such, in words that a person can act on."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.store.away import StoreAway
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.tables.people import CandidateRow
from tests.unit.store.impatient import make_impatient
from tests.unit.store.worlds import a_person, opened, url_of


@pytest.fixture
def store(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store whose writers give up soon."""
    make_impatient(store, monkeypatch)
    return store


async def _write(store: Store) -> None:
    async with store.write() as tx:
        await a_person(tx)


async def _refused(store: Store) -> StoreAway:
    with pytest.raises(StoreAway) as caught:
        await _write(store)
    return caught.value


async def test_a_store_that_others_keep_busy_asks_to_try_again(store: Store, database: str) -> None:
    """Whoever waited for a turn in vain hears so, without a word of the database's own, and nothing is changed."""
    async with opened(database) as other, other.write():
        refused = await _refused(store)

    assert isinstance(refused, TemporaryFailure)
    assert "The store is busy: it had no turn for us within 5 s. Try again in a few seconds." == str(refused)
    async with store.read() as tx:
        assert 0 == await tx.scalar(select(func.count()).select_from(CandidateRow))


async def test_the_same_call_works_as_soon_as_the_others_are_done(store: Store, database: str) -> None:
    """Nothing has to be restarted after a busy moment."""
    async with opened(database) as other, other.write():
        await _refused(store)

    await _write(store)

    async with store.read() as tx:
        assert 1 == await tx.scalar(select(func.count()).select_from(CandidateRow))


async def test_a_line_of_writers_gives_up_together(store: Store, database: str) -> None:
    """A hundred callers wait as long as one of them, and not one after the other."""
    async with opened(database) as other, other.write(), asyncio.timeout(10):
        refused = await asyncio.gather(*(_refused(store) for _ in range(100)))

    assert {"busy"} == {error.cause for error in refused}


async def test_a_connection_that_breaks_is_a_store_that_is_away(store: Store) -> None:
    """A database server that is restarted in the middle of a change is no fault of ours."""
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no connection that could break")

    with pytest.raises(StoreAway) as caught:
        await _break_off(store)

    assert "away" == caught.value.cause
    await _write(store)


async def _break_off(store: Store) -> None:
    async with store.write() as tx:
        own = await tx.scalar(text("SELECT pg_backend_pid()"))
        async with store.engine.connect() as other:
            await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        await a_person(tx)


async def test_a_database_that_does_not_exist_is_a_matter_of_settings(store: Store) -> None:
    """Trying again does not help against a wrong name."""
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite makes what does not exist")
    elsewhere = store.engine.url.set(database="nobody_has_made_this").render_as_string(hide_password=False)

    async with opened(elsewhere) as other:
        with pytest.raises(ConfigurationError, match="RAPPORT_DATABASE_URL"):
            await _write(other)


async def test_a_server_that_nobody_has_started_is_away(tmp_path: Path) -> None:
    """Commands and processes that start too early say so, instead of naming a class."""
    nowhere = f"postgresql+asyncpg://rapport@/rapport?host={tmp_path}"

    with pytest.raises(StoreAway, match="The store does not answer"):
        await migrate(nowhere)
    async with opened(nowhere) as store:
        with pytest.raises(StoreAway, match="The store does not answer"):
            await _write(store)


async def test_a_file_that_cannot_be_opened_is_told_as_such(tmp_path: Path) -> None:
    """The sentence says what the machine's owner has to repair."""
    async with opened(url_of(tmp_path)) as store:
        with pytest.raises(StoreAway, match="file cannot be opened"):
            await _write(store)


async def test_what_breaks_inside_a_block_stays_what_it_is(store: Store) -> None:
    """A missing file is no missing database."""
    with pytest.raises(FileNotFoundError):
        await _miss_a_file(store)


async def _miss_a_file(store: Store) -> None:
    async with store.write():
        raise FileNotFoundError
