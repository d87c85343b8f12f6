"""What the rows of one import have said so far, in a temporary file: memory stays the same however long the list is."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_TABLES: Final = """
CREATE TABLE owners (trace BLOB PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE said (person TEXT, item TEXT, value BLOB, line INT, PRIMARY KEY (person, item)) WITHOUT ROWID;
"""
# 64 bits: of a million rows, two are taken for one with a chance of one in 10 million.
_DIGEST_BYTES: Final = 8
_TRACE_BYTES: Final = 16


class Seen:
    """Whom each trace of an earlier row led to, and what was said of them on which line; as digests only."""

    def __init__(self) -> None:
        """Begin with nothing; SQLite deletes the file when it is closed, also when we die."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;" + _TABLES
        )

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def owners(self, traces: Sequence[str]) -> set[str]:
        """Whom one of these addresses and names led to."""
        marks = ",".join("?" * len(traces))
        query = f"SELECT person FROM owners WHERE trace IN ({marks})"  # noqa: S608  # only question marks
        return {person for (person,) in self._database.execute(query, [_trace(trace) for trace in traces])}

    def said_otherwise(self, person: str, items: Mapping[str, str]) -> tuple[str, int] | None:
        """An item that an earlier row of the same person gives another value, and the line of it."""
        known = self._said(person)
        for item, value in items.items():
            if item in known and known[item][0] != _digest(value):
                return item, known[item][1]
        return None

    def first_line(self, person: str) -> int | None:
        """The first line that is about this person; None when none was."""
        found = self._database.execute("SELECT min(line) FROM said WHERE person = ?", (person,)).fetchone()
        return None if found is None else found[0]

    def adds(self, person: str, items: Mapping[str, str]) -> bool:
        """Whether earlier rows of the same person leave out one of these items."""
        known = self._said(person)
        return any(item not in known for item in items)

    def note(self, person: str, traces: Iterable[str], items: Mapping[str, str], *, line: int) -> None:
        """Remember a row."""
        insert = "INSERT OR IGNORE INTO"
        owned = [(_trace(trace), person) for trace in traces]
        told = [(person, item, _digest(value), line) for item, value in items.items()]
        self._database.executemany(f"{insert} owners VALUES (?, ?)", owned)
        self._database.executemany(f"{insert} said VALUES (?, ?, ?, ?)", told)

    def _said(self, person: str) -> dict[str, tuple[bytes, int]]:
        query = "SELECT item, value, line FROM said WHERE person = ?"
        return {item: (value, line) for item, value, line in self._database.execute(query, (person,))}


def _trace(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_TRACE_BYTES).digest()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
