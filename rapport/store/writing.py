"""The mark of a transaction that writes: on every database, no other one writes until it ends."""

from typing import Final

from sqlalchemy import Connection

WRITING: Final = "rapport_writing"

# So long does a writer wait for those of other processes, and everybody for a connection; our transactions take
# milliseconds.
PATIENCE_SECONDS: Final = 5
PATIENCE_MILLISECONDS: Final = PATIENCE_SECONDS * 1000


def is_writing(connection: Connection) -> bool:
    """Whether the transaction that begins on this connection may change anything."""
    return bool(connection.get_execution_options().get(WRITING, False))
