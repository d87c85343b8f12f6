"""The database: four writers at once, whole transactions, and tables that are what the migrations make."""

import asyncio
import subprocess
import sys
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text
from sqlalchemy import insert as insert_into
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.errors import ConfigurationError
from rapport.store import sqlite
from rapport.store.database import Store, for_writing
from rapport.store.migrate import SCRIPTS, migrate
from rapport.store.once import insert, insert_once
from rapport.store.schema import METADATA
from rapport.store.tables.people import CandidateRow, TagRow
from tests.unit.store.worlds import MONDAY, a_person, opened, url_of

ROOT = Path(__file__).parents[3]
# A process that reads the score and writes it back, many times: a plain BEGIN fails at this by the thousand.
WRITER = """
import asyncio, sys
from rapport.store import candidates
from rapport.store import sqlite
from rapport.store.database import Store, for_writing

async def write(times):
    store = Store.open(sys.argv[1])
    for _ in range(times):
        async with store.write() as tx:
            person = await candidates.get(tx, "c_ana")
            person.score = person.score + 1
    await store.close()

asyncio.run(write(int(sys.argv[2])))
"""


async def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    """Nobody can change a table and forget the migration."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))

    async with store.engine.connect() as connection:
        found = await connection.run_sync(differences)

    assert [] == found


async def test_migrating_twice_and_from_two_places_changes_nothing(empty_database: str) -> None:
    """Two processes that start together do not trip over each other."""
    newest = ScriptDirectory(SCRIPTS).get_heads()

    await asyncio.gather(migrate(empty_database), migrate(empty_database))
    await migrate(empty_database)

    async with opened(empty_database) as store, store.read() as tx:
        assert newest == (await tx.scalars(text("select version_num from alembic_version"))).all()


async def test_who_starts_during_a_long_upgrade_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second worker that starts while the first one upgrades a large store does not give up."""
    url, tried = url_of(tmp_path / "rapport.db"), asyncio.Event()

    def counted(engine: AsyncEngine) -> AsyncEngine:
        if next(turns):
            tried.set()
        return for_writing(engine)

    turns = count()
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout = 20", "PRAGMA journal_mode = WAL"))
    monkeypatch.setattr("rapport.store.migrate.for_writing", counted)
    async with opened(url) as other, asyncio.timeout(30):
        async with for_writing(other.engine).begin():
            waiting = asyncio.create_task(migrate(url))
            await tried.wait()
        await waiting

    async with opened(url) as store, store.read() as tx:
        assert 1 == len((await tx.scalars(text("select version_num from alembic_version"))).all())


async def test_what_is_up_to_date_needs_no_turn(store: Store, database: str) -> None:
    """A command that only looks does not wait for whoever writes."""
    async with store.write():
        await migrate(database)


async def test_four_processes_write_at_once_and_lose_nothing(store: Store, database: str) -> None:
    """However many workers there are, nobody is told that the database is locked."""
    times, writers = 25, 4
    async with store.write() as tx:
        await a_person(tx)

    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, database, str(times), cwd=ROOT, stderr=subprocess.PIPE
        )
        for _ in range(writers)
    ]
    said = [(await process.communicate())[1] for process in running]

    assert [b""] * writers == said
    async with store.read() as tx:
        assert times * writers == await tx.scalar(select(CandidateRow.score))


async def test_forty_tasks_of_one_process_write_at_once(store: Store) -> None:
    """A busy API waits its turn instead of failing."""
    async with store.write() as tx:
        await a_person(tx)

    async def write() -> None:
        async with store.write() as tx:
            person = await tx.get_one(CandidateRow, "c_ana")
            await asyncio.sleep(0)
            person.score += 1

    await asyncio.gather(*(write() for _ in range(40)))

    async with store.read() as tx:
        assert await tx.scalar(select(CandidateRow.score)) == 40


async def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    """Looking at a candidate works while something else is being written."""
    async with store.write() as writing:
        await a_person(writing)
        async with store.read() as tx:
            seen = await tx.scalar(select(func.count()).select_from(CandidateRow))

    assert seen == 0


async def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    """Half of a change is never stored."""

    async def fail() -> None:
        async with store.write() as tx:
            await a_person(tx)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()

    async with store.read() as tx:
        assert await tx.get(CandidateRow, "c_ana") is None


async def test_what_is_changed_while_reading_is_thrown_away(store: Store) -> None:
    """A page that only looks cannot change anything by mistake."""
    async with store.read() as tx:
        await a_person(tx)

    async with store.read() as tx:
        assert await tx.get(CandidateRow, "c_ana") is None


async def test_a_second_transaction_of_the_same_task_is_refused(store: Store) -> None:
    """A mistake that would wait for itself forever says so at once."""
    async with store.write():
        with pytest.raises(RuntimeError, match="hand the open transaction on"):
            async with store.write():
                pass


async def test_what_is_acknowledged_is_on_disk(store: Store) -> None:
    """What was acknowledged survives a power cut."""
    known: dict[str, dict[str, object]] = {
        "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2},
        "postgresql": {"SHOW synchronous_commit": "on"},
    }
    durable = known[store.engine.dialect.name]

    async with store.read() as tx:
        found = {question: (await tx.execute(text(question))).scalar() for question in durable}

    assert durable == found


async def test_no_row_points_nowhere(store: Store) -> None:
    """A tag of somebody whom we do not know is no tag."""
    with pytest.raises(IntegrityError):
        async with store.write() as tx:
            await insert(tx, TagRow(candidate="c_nobody", tag="x", cause="t", at=MONDAY, recorded_at=MONDAY))


async def test_a_reader_sees_one_moment(store: Store) -> None:
    """A report adds up: what is written meanwhile is not in the half that is read later."""
    async with store.read() as tx:
        before = await tx.scalar(select(func.count()).select_from(CandidateRow))
        async with store.write() as writing:
            await a_person(writing)
        after = await tx.scalar(select(func.count()).select_from(CandidateRow))

    assert (0, 0) == (before, after)


async def test_times_come_back_in_utc(store: Store) -> None:
    """A time from Kolkata is the same instant after it was stored."""
    kolkata = MONDAY.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with store.write() as tx:
        await a_person(tx)
        await insert(tx, TagRow(candidate="c_ana", tag="x", cause="t", at=kolkata, recorded_at=MONDAY))

    async with store.read() as tx:
        found = await tx.scalar(select(TagRow.at))

    assert found is not None
    assert MONDAY == found
    assert timedelta() == found.utcoffset()


async def test_a_naive_time_is_refused(store: Store) -> None:
    """A time that does not say where it is would be wrong by hours somewhere."""
    naive = datetime(2026, 3, 2, 10)  # noqa: DTZ001  # the mistake under test
    async with store.read() as tx:
        await a_person(tx)

        with pytest.raises(StatementError, match="is naive"):
            await insert(tx, TagRow(candidate="c_ana", tag="x", cause="t", at=naive, recorded_at=MONDAY))


async def test_errors_and_rows_do_not_print_people(store: Store) -> None:
    """A log that holds an error of the database, with all that led to it, holds no address and no name."""
    async with store.write() as tx:
        row = await a_person(tx)
    mistakes: list[dict[str, Any]] = [{}, {"recorded_at": None}]
    if store.engine.dialect.name == "postgresql":  # SQLite takes a text where a number belongs
        mistakes.append({"score": "Ana"})

    said = [repr(row)]
    for number, mistake in enumerate(mistakes):
        with pytest.raises(SQLAlchemyError) as caught:
            await _store_one(store, f"c_{number}" if mistake else "c_ana", mistake)
        # Without the frames: they quote this file.
        said += [line for line in traceback.format_exception(caught.value) if not line.startswith("  File")]

    assert [] == [line for line in said if "people.example" in line or "Ana" in line]


async def _store_one(store: Store, candidate: str, fields: Mapping[str, Any]) -> None:
    async with store.write() as tx:
        await tx.execute(
            insert_into(CandidateRow).values(
                {
                    "id": candidate,
                    "recorded_at": MONDAY,
                    "first_name": "Ana",
                    "email": f"{candidate}@people.example",
                    "skills": [],
                    "score": 0,
                    "custom": {},
                    **fields,
                }
            )
        )


async def test_a_row_is_inserted_once(store: Store) -> None:
    """A retry changes nothing, and knows it."""
    async with store.write() as tx:
        await a_person(tx)
        inserted = [
            await insert_once(tx, TagRow(candidate="c_ana", tag="x", cause=cause, at=MONDAY, recorded_at=MONDAY))
            for cause in ("first", "second")
        ]

        assert [True, False] == inserted
        assert await tx.scalar(select(TagRow.cause)) == "first"


async def test_nobody_else_on_the_machine_can_read_the_store(tmp_path: Path) -> None:
    """Names and addresses are in these files: they are their owner's alone, those beside the database too."""
    place = tmp_path / "state" / "rapport.db"
    await migrate(f"sqlite+aiosqlite:///{place}")
    async with opened(f"sqlite+aiosqlite:///{place}") as store, store.write() as tx:
        await a_person(tx, "c_ana")
        rights = {file.name: file.stat().st_mode & 0o777 for file in (place.parent, *place.parent.iterdir())}

    assert {"state": 0o700, "rapport.db": 0o600, "rapport.db-wal": 0o600, "rapport.db-shm": 0o600} == rights


def test_a_store_in_memory_is_refused() -> None:
    """Nothing that must not be lost is kept in memory."""
    with pytest.raises(ConfigurationError, match="in memory"):
        Store.open("sqlite+aiosqlite:///:memory:")


@pytest.mark.parametrize("url", ["mysql+asyncmy://db/rapport", "postgresql+nothing://db/rapport"])
def test_a_database_that_we_do_not_know_is_refused(url: str) -> None:
    """A wrong URL says what the right one begins with."""
    with pytest.raises(ConfigurationError, match=r"postgresql\+asyncpg://"):
        Store.open(url)
