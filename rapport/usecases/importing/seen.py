"""What the rows of one import have said so far, in a temporary file: memory stays the same however long the list is."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapport.store.portions import portions

_TABLES: Final = """
CREATE TABLE owners (trace BLOB PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE people (person TEXT PRIMARY KEY, line INT, said TEXT, agreed INT) WITHOUT ROWID;
"""
# Half of a keyed hash: of a billion traces, no two are taken for one.
_TRACE_BYTES: Final = 16


@dataclass(slots=True)
class _Said:
    """What was said of one person, from `line` on: for each item a hash of its value, and the line of it."""

    line: int
    items: dict[str, tuple[int, int]] = field(default_factory=dict)
    agreed: bool = False


class Seen:
    """Whom each trace (the key of an address or a name) of an earlier row led to, and what was said of them.

    Hashes only. Rows come in pages: `open_page` before their first question, `close_page` behind the last one.
    """

    def __init__(self) -> None:
        """Begin with nothing; SQLite deletes the file when it is closed, also when we die."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;" + _TABLES
        )
        self._owners: dict[bytes, str] = {}
        self._people: dict[str, _Said] = {}
        self._new: dict[bytes, str] = {}
        self._touched: set[str] = set()

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def open_page(self, traces: Collection[str], people: Collection[str]) -> None:
        """Look up what earlier rows said of everybody with these traces, and of these people."""
        self._owners = dict(self._find("SELECT trace, person FROM owners WHERE trace", [*map(_short, traces)]))
        wanted = [*{*people, *self._owners.values()}]
        found = self._find("SELECT person, line, said, agreed FROM people WHERE person", wanted)
        self._people = {person: _Said(line, _from_text(said), bool(agreed)) for person, line, said, agreed in found}
        self._new, self._touched = {}, set()

    def close_page(self) -> None:
        """Keep what the rows of the page have said."""
        insert = "INSERT OR IGNORE INTO owners VALUES (?, ?)"
        touched = [(name, self._people[name]) for name in self._touched]
        told = [(name, said.line, _to_text(said.items), said.agreed) for name, said in touched]
        self._database.execute("BEGIN")
        self._database.executemany(insert, self._new.items())
        self._database.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?)", told)
        self._database.execute("COMMIT")

    def owners(self, traces: Sequence[str]) -> set[str]:
        """Whom one of these addresses and names led to."""
        return {self._owners[short] for short in map(_short, traces) if short in self._owners}

    def knows(self, trace: str) -> bool:
        """Whether an earlier row had this address or name."""
        return _short(trace) in self._owners

    def said_otherwise(self, person: str, items: Mapping[str, str]) -> tuple[str, int] | None:
        """An item that an earlier row of the same person gives another value, and the line of it."""
        known = self._said(person)
        for item, value in items.items() if known else ():
            if item in known and known[item][0] != hash(value):
                return item, known[item][1]
        return None

    def first_line(self, person: str) -> int | None:
        """The first line that is about this person; None when none was."""
        return self._people[person].line if person in self._people else None

    def unsaid(self, person: str, items: Mapping[str, str]) -> frozenset[str]:
        """Those of the items that no earlier row of the same person has."""
        known = self._said(person)
        return frozenset(item for item in items if item not in known)

    def note(self, person: str, traces: Sequence[str], items: Mapping[str, str], *, line: int) -> None:
        """Remember a row."""
        for short in map(_short, traces):
            if short not in self._owners:
                self._owners[short] = self._new[short] = person
        said = self._people.setdefault(person, _Said(line))
        for item, value in items.items():
            said.items.setdefault(item, (hash(value), line))
        self._touched.add(person)

    def note_consent(self, person: str) -> None:
        """Remember that it is known to what this person agreed; a row about them was noted before."""
        self._people[person].agreed = True

    def without_consent(self) -> int:
        """Of how many people it is not known."""
        [count] = self._database.execute("SELECT count(*) FROM people WHERE NOT agreed").fetchone()
        return int(count)

    def _said(self, person: str) -> Mapping[str, tuple[int, int]]:
        known = self._people.get(person)
        return known.items if known else {}

    def _find(self, query: str, values: Sequence[bytes] | Sequence[str]) -> Iterator[Any]:
        for page in portions(values):
            yield from self._database.execute(f"{query} IN ({','.join('?' * len(page))})", page)


def _short(trace: str) -> bytes:
    return bytes.fromhex(trace[: 2 * _TRACE_BYTES])


def _to_text(items: Mapping[str, tuple[int, int]]) -> str:
    return json.dumps(items, separators=(",", ":"))


def _from_text(said: str) -> dict[str, tuple[int, int]]:
    return {item: (value, line) for item, (value, line) in json.loads(said).items()}
