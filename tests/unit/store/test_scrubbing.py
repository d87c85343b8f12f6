"""Clearing PostgreSQL's files: what our own VACUUM does, and what the one that docs/privacy.md names does."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from rapport.crm.traces import leaves_trace
from rapport.store.database import Store
from rapport.store.migrate import migrate
from rapport.store.scrubbing import scrub
from rapport.usecases.erasing import erase
from tests.databases import Cluster
from tests.unit.store.worlds import StandingClock, a_person, opened

LAST = "Quixleywitz"
_STATISTICS = """
SELECT count(*) FROM pg_stats WHERE tablename = 'candidates' AND (most_common_vals::text ~ :last
OR histogram_bounds::text ~ :last)
"""


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[str]:
    """A database of this test's own: what is searched here must not be another test's."""
    with cluster.created() as url:
        yield url


@pytest.fixture
async def her_store(postgres: str) -> AsyncIterator[Store]:
    """She is among twenty people of three names, who have been counted for the planner."""
    await migrate(postgres)
    async with opened(postgres) as store:
        async with store.write() as tx:
            for number in range(20):
                await a_person(tx, f"c_{number:03}", last_name=LAST if number < 8 else f"Name{number % 2}")
        await alone(store, "ANALYZE candidates")
        yield store


async def alone(store: Store, statement: str) -> None:
    """Run a statement that stands outside of transactions."""
    async with store.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text(statement))


async def everybody_of_that_name_goes(store: Store) -> None:
    """Erase the eight."""
    async with store.write() as tx:
        for number in range(8):
            await erase(tx, StandingClock(), f"c_{number:03}", by="test")


async def names_in_statistics(store: Store) -> int:
    """How many of the planner's statistics hold the name."""
    async with store.read() as tx:
        return int(await tx.scalar(text(_STATISTICS), {"last": LAST}) or 0)


async def test_the_planners_statistics_forget_as_well(her_store: Store) -> None:
    """PostgreSQL copies frequent values into a table of its own; a name must not live on there."""
    before = await names_in_statistics(her_store)
    await everybody_of_that_name_goes(her_store)
    still = await names_in_statistics(her_store)

    await scrub(her_store)

    assert (1, 1, 0) == (before, still, await names_in_statistics(her_store))


async def test_vacuum_full_leaves_no_byte_in_the_databases_files(her_store: Store) -> None:
    """Ours frees the space only; the one that rewrites the files clears them, as the documentation says."""
    folder = await files_of(her_store)
    await everybody_of_that_name_goes(her_store)
    await scrub(her_store)
    await alone(her_store, "CHECKPOINT")
    freed = traces(folder)

    await alone(her_store, "VACUUM FULL")
    await alone(her_store, "CHECKPOINT")

    assert ([], True) == (traces(folder), bool(freed))


async def files_of(store: Store) -> Path:
    """The folder of the database's own files; skips where the server is not on this machine or not ours to read."""
    async with store.read() as tx:
        place = await tx.scalar(text("SELECT current_setting('data_directory')"))
        number = await tx.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    folder = Path(str(place)) / "base" / str(number)
    try:
        assert [*folder.iterdir()]
    except (OSError, AssertionError):
        pytest.skip(f"the files of the PostgreSQL server are not readable here: {folder}")
    return folder


def traces(folder: Path) -> list[str]:
    """The files in which the name stands."""
    return [path.name for path in sorted(folder.iterdir()) if leaves_trace(path.read_bytes(), [LAST])]
