"""Bringing a database to the newest form of our tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from rapport.errors import ConfigurationError
from rapport.store.away import StoreAway, in_our_words
from rapport.store.database import connect, for_writing

SCRIPTS = Path(__file__).parent / "migrations"
# An upgrade of a large store may take a minute, and its neighbors wait for it: twelve times the 5 s of a writer.
_TURNS = 12


class NewerTables(ConfigurationError):
    """A newer release has worked on this store; an older one would not know what it finds."""

    def __init__(self) -> None:
        super().__init__(
            "The tables are of a newer release than this one.",
            hint="Run that release; to go back, restore the backup from before it.",
        )


async def migrate(url: str, *, pepper: bytes | None = None) -> None:
    """Create or upgrade all tables, in one transaction; running it again changes nothing.

    `pepper` is the key of hashes; only a store with names from before revision 0022 has need of it.
    NewerTables when a newer release was there before. StoreAway when the database does not answer, or was busy with
    others for more than a minute.
    """
    engine = connect(url)
    try:
        for turns_left in reversed(range(_TURNS)):
            try:
                if not await _is_newest(engine):
                    await _take_turn(engine, pepper)
                break
            except StoreAway as away:
                if away.cause != "busy" or not turns_left:
                    raise
    finally:
        await engine.dispose()


async def _is_newest(engine: AsyncEngine) -> bool:
    """Whether nothing is to be done, without a turn: every command asks, and most of them only read."""
    with in_our_words(connecting=True):
        async with engine.begin() as connection:
            found = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return found == ScriptDirectory(str(SCRIPTS)).get_current_head()


async def _take_turn(engine: AsyncEngine, pepper: bytes | None) -> None:
    # Writing from the first statement: of two processes that start together, one waits for the other.
    with in_our_words(connecting=True):
        async with for_writing(engine).begin() as connection:
            await connection.run_sync(_upgrade, pepper)


def _upgrade(connection: Connection, pepper: bytes | None) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes.update(connection=connection, pepper=pepper)
    try:
        command.upgrade(config, "head")
    except CommandError as unknown:  # a revision that this release has not heard of
        raise NewerTables from unknown
