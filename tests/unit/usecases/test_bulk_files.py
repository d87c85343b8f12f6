"""A file of a hundred thousand people is read in pages: few questions to the store."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import event

from rapport.store import bulks
from rapport.store.database import Store
from rapport.store.tables.bulk import BulkPersonRow, BulkRow
from rapport.usecases.bulk_list import of_csv
from tests.unit.store.worlds import MONDAY, PEPPER
from tests.unit.usecases.crowds import crowd

# Two full pages and one more.
ROWS = 1_200


@pytest.fixture
def asked(store: Store) -> Iterator[list[str]]:
    """Every question that the store is asked."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def test_addresses_are_looked_up_by_the_hundred(store: Store, asked: list[str]) -> None:
    """A row costs no question of its own; order, strangers, blanks and repetitions are as in the file."""
    async with store.write() as tx:
        names = await crowd(tx, ROWS - 4)
    rows = [f"{name}@people.example" for name in names]
    # At the seams between the pages, too.
    for place, row in ((0, "nobody@people.example"), (499, ""), (500, rows[3]), (1_199, "no-one@people.example")):
        rows.insert(place, row)
    asked.clear()

    async with store.read() as tx:
        found = await of_csv(tx, _file("email", rows), pepper=PEPPER)

    assert len(rows) == ROWS
    assert names == list(found.names)
    stranger = "is nobody's address that we know"
    assert [(2, stranger), (501, "is empty"), (1_201, stranger)] == [
        (problem.line, problem.reason) for problem in found.problems
    ]
    assert 3 == len(asked)


async def test_a_page_is_looked_up_before_the_next_one_is_read(store: Store) -> None:
    """However long the file is, no more of it is in memory than one page and the people found."""
    file = _Counted(_file("email", [f"p{number}@people.example" for number in range(ROWS)]).read())
    read: list[int] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            read.append(file.lines)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    async with store.read() as tx:
        await of_csv(tx, file, pepper=PEPPER)

    assert [501, 1_001, 1_201] == read


class _Counted(BytesIO):
    """A file that knows how many of its lines were read."""

    lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read the next line."""
        line = super().readline(-1 if size is None else size)
        self.lines += bool(line)
        return line

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Begin again: a look at the encoding keeps nothing."""
        self.lines = 0
        return super().seek(place, whence)


async def test_ids_need_no_question(store: Store, asked: list[str]) -> None:
    """A file of ids is taken as it is: who they are is asked when their turn comes."""
    asked.clear()

    async with store.read() as tx:
        found = await of_csv(tx, _file("candidate", ["c_b", "c_a", "c_b"]), pepper=PEPPER)

    assert (["c_b", "c_a"], []) == (list(found.names), asked)


async def test_a_list_of_many_pages_is_stored_whole_and_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left out where one statement ends and the next begins."""
    monkeypatch.setattr(bulks, "_PEOPLE_AT_ONCE", 2)
    row = BulkRow(
        id="b_1", sequence="hello", source="s", asked="0" * 64, per_minute=1, cause="t", recorded_at=MONDAY, total=5
    )
    names = ["c_e", "c_a", "c_d", "c_b", "c_c"]

    async with store.write() as tx:
        added = await bulks.add(tx, row, names)
        stored = [await tx.get_one(BulkPersonRow, ("b_1", number)) for number in range(1, 6)]
        again = await bulks.add(tx, BulkRow(**{**_fields(row), "id": "b_2"}), names)

    assert (True, False) == (added, again)
    assert names == [person.candidate for person in stored]


def _file(column: str, cells: Sequence[str]) -> BytesIO:
    """A second column, so that a row without an address is no blank line."""
    return BytesIO("\n".join([f"{column},note", *(f"{cell},x" for cell in cells)]).encode())


def _fields(row: BulkRow) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
