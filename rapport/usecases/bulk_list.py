"""Who a bulk enrollment is about: a pool, a segment, or a file; and what would come of it."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TypeVar

from sqlalchemy import select

from rapport.clock import Clock
from rapport.dsl.conditions import Condition
from rapport.engine import evaluate
from rapport.errors import BadInput, NotFound
from rapport.ids import address_key
from rapport.store import bulks, crowds, identities, segments
from rapport.store.database import Store, Tx
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.crowd import Wish, check_wish, decide, everything
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.importing.text import csv_of
from rapport.usecases.shelf import live_project

Thing = TypeVar("Thing")

# As many as enter in one transaction, so that a dry run costs what the reading half of the real one costs.
_PAGE = 100
# Rows of a file that are looked up together: a question costs a millisecond, whether about one address or hundreds.
# PostgreSQL and SQLite take some 32,000 values in a statement.
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleList:
    """People by id, each once; `source` names the list for people, `key` for programs. `problems` name nobody."""

    names: Sequence[str] = field(repr=False)
    source: str
    key: str
    problems: Sequence[RowProblem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would come of a bulk enrollment now: how many would enter, who for example, and why the others would not."""

    would_enter: int
    sample: Sequence[str]
    refused: Mapping[str, int]


async def of_pool(tx: Tx, clock: Clock, pool: str) -> PeopleList:
    """Who is in a pool, or belongs to a segment, now; NotFound for a pool that project.yaml does not name."""
    definition = (await live_project(tx)).pools.get(pool)
    if definition is None:
        raise NotFound(kind="pool", name=pool, hint="Pools are named under `pools` in project.yaml.")
    # Until everybody has been decided about, the condition itself is asked.
    if definition.members is None or await segments.recount_under_way(tx) is None:
        names = await bulks.members(tx, pool, clock.now())
    else:
        names = [name async for name in _belonging(tx, clock, definition.members)]
    return PeopleList(names=names, source=f"pool {pool}", key=f"pool:{pool}")


def of_ids(names: Sequence[str]) -> PeopleList:
    """These people; an id that we do not know is refused when its turn comes, BadInput for an address in its place.

    Of a list of addresses, nothing would be left to find when one of their owners asks to be forgotten.
    """
    unique = list(dict.fromkeys(names))
    if wrong := [number for number, name in enumerate(names) if "@" in name]:
        hint = "Name people by their id; the list of people says which that is: `rapport candidates`."
        raise BadInput(place=f"candidates.{wrong[0]}", message="it is an address, not an id.", hint=hint)
    digest = hashlib.sha256("\n".join(unique).encode()).hexdigest()
    return PeopleList(names=unique, source=f"a list of {len(unique)}", key=f"list:{digest}")


async def of_csv(tx: Tx, raw: BinaryIO, *, pepper: bytes) -> PeopleList:
    """The people of a CSV file with a column `candidate` or `email`; BadInput when it cannot be read as a whole."""
    file = csv_of(raw)
    column = next((name for name in ("candidate", "email") if name in file.columns), None)
    if column is None:
        raise BadInput(
            place="line 1", message="there is no column `email` or `candidate`.", hint="Name one column `email`."
        )
    names: dict[str, None] = {}
    problems: list[RowProblem] = []
    for rows in _pages(file.rows(), _ROWS_AT_ONCE):
        for found in await _named(tx, rows, column, pepper):
            if isinstance(found, RowProblem):
                problems.append(found)
            else:
                names[found] = None
    people = of_ids(list(names))
    return PeopleList(names=people.names, source=people.source, key=people.key, problems=problems)


async def forecast(store: Store, clock: Clock, wish: Wish, names: Sequence[str], *, sample: int = 5) -> Forecast:
    """Ask every rule about everybody, and change nothing; Refused as the real one where nobody could enter."""
    async with store.read() as tx:
        await check_wish(tx, wish)
    entering: list[str] = []
    refused: Counter[str] = Counter()
    seen: set[str] = set()
    for page in _pages(dict.fromkeys(names), _PAGE):
        async with store.read() as tx:
            people = dict.fromkeys((await identities.kept_all(tx, page)).values())
            entries = (await decide(tx, clock, wish, [name for name in people if name not in seen])).entries
        seen.update(entries)
        entering += [name for name, entry in entries.items() if entry.reason is None]
        refused.update(entry.reason for entry in entries.values() if entry.reason is not None)
    return Forecast(would_enter=len(entering), sample=entering[:sample], refused=dict(refused.most_common()))


async def _named(tx: Tx, rows: Sequence[CsvRow | RowProblem], column: str, pepper: bytes) -> Sequence[str | RowProblem]:
    """Whom each row names, in order; the addresses are looked up together."""
    cells = [] if column == "candidate" else [row.cells[column] for row in rows if isinstance(row, CsvRow)]
    keys = {cell: address_key(cell, pepper) for cell in cells if cell}
    known = await crowds.by_address(tx, keys.values()) if keys else {}

    def named(row: CsvRow | RowProblem) -> str | RowProblem:
        if isinstance(row, RowProblem):
            return row
        if not (cell := row.cells[column]):
            return RowProblem(line=row.line, column=column, reason="is empty")
        if column == "candidate" and "@" in cell:
            return RowProblem(line=row.line, column=column, reason="is an address; name the column `email`")
        name = cell if column == "candidate" else known.get(keys[cell])
        return name or RowProblem(line=row.line, column=column, reason="is nobody's address that we know")

    return [named(row) for row in rows]


async def _belonging(tx: Tx, clock: Clock, members: Condition) -> AsyncIterator[str]:
    """Everybody for whom the condition of a segment holds."""
    project = await live_project(tx)
    merged = select(MergeRow.gone)
    query = select(CandidateRow.id).where(CandidateRow.erased_at.is_(None), CandidateRow.id.not_in(merged))
    query = query.order_by(CandidateRow.id)
    for page in _pages((await tx.scalars(query)).all(), _PAGE):
        known = await everything(tx, page, sequence="")
        for name in page:
            situation = known.situation(name, project, purpose="", at=clock.walk_time(name))
            if evaluate.holds(members, situation, project):
                yield name


def _pages(things: Iterable[Thing], size: int) -> Iterator[Sequence[Thing]]:
    """So many at a time; a page is taken from an iterator only when it is asked for."""
    rest = iter(things)
    return iter(lambda: list(islice(rest, size)), [])
