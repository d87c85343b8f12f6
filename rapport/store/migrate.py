"""Bringing a database to the newest form of our tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from rapport.errors import ConfigurationError
from rapport.store.away import in_our_words
from rapport.store.database import connect, for_writing

SCRIPTS = Path(__file__).parent / "migrations"


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
    others for too long.
    """
    engine = connect(url)
    try:
        # Writing from the first statement: of two processes that start together, one waits for the other.
        with in_our_words(connecting=True):
            async with for_writing(engine).begin() as connection:
                await connection.run_sync(_upgrade, pepper)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, pepper: bytes | None) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes.update(connection=connection, pepper=pepper)
    try:
        command.upgrade(config, "head")
    except CommandError as unknown:  # a revision that this release has not heard of
        raise NewerTables from unknown
