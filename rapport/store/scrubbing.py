"""Clearing a database's files of what was deleted: a deleted row is not yet gone from the disk."""

import asyncio
import sqlite3

from sqlalchemy import text

from rapport.errors import TemporaryFailure
from rapport.store.database import Store
from rapport.store.erasure_rules import RULES
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.writing import PATIENCE_SECONDS


async def scrub(store: Store) -> None:
    """Clear the files; TemporaryFailure when others were in the way, and it is to be tried again.

    SQLite overwrites deleted content by itself (`secure_delete`); what old pages still hold it in its log is emptied
    here. PostgreSQL's VACUUM gives the space of dead rows free for new ones, and does not overwrite it; its planner had
    copied frequent values, which ANALYZE lets it forget.
    """
    if store.engine.dialect.name == "sqlite":
        await asyncio.to_thread(_empty_log, str(store.engine.url.database))
        return
    tables = ", ".join(sorted({*(str(rule.table.__tablename__) for rule in RULES), IdempotencyRow.__tablename__}))
    async with store.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text(f"VACUUM (ANALYZE) {tables}"))


def _empty_log(place: str) -> None:
    """Move everything from the write-ahead log into the database, and cut the log to nothing."""
    connection = sqlite3.connect(place, timeout=PATIENCE_SECONDS, isolation_level=None)
    try:
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise TemporaryFailure("Somebody reads the store.", hint="Its log is emptied when they are done.")
