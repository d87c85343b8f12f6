"""Check-in lists of events: who came, from a CSV file that somebody kept at the door."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import BinaryIO

from rapport.clock import Clock, shift_of
from rapport.errors import BadInput, NotFound, RapportError, Refused
from rapport.ids import address_key
from rapport.store import candidates
from rapport.store.ahead import Looks
from rapport.store.database import Store, Tx
from rapport.store.tables.people import CandidateRow
from rapport.store.together import run_together
from rapport.usecases.addresses import address_of
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.fairs import event_named, note_presence
from rapport.usecases.importing.text import csv_of
from rapport.usecases.new_person import NewPerson, add_person

# Short enough that nobody else waits for more than a moment.
_BATCH = 100
_NAMES = ("first_name", "last_name")


@dataclass(slots=True, kw_only=True)
class CheckedIn:
    """What a list did, or would do: who came newly, who was known to have come, who was added; and what is wrong."""

    came: int = 0
    known: int = 0
    added: int = 0
    started: int = 0
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """A check-in to do: at which event, and whether strangers are added; `dry_run` stores nothing."""

    event: str
    by: str
    add: bool = False
    dry_run: bool = False
    pepper: bytes = field(repr=False)


class _NothingStored(Exception):  # no error: the way out of a transaction that is taken back
    """Ends a dry run."""


async def check_in(store: Store, clock: Clock, raw: BinaryIO, asked: CheckIn) -> CheckedIn:
    """Note everybody of a CSV file with a column `email` or `id` as having come; a second time changes nothing.

    Strangers are problems with their line, or with `add` become known with the source `event:<id>` and get no mail.
    BadInput when the file as a whole cannot be read, NotFound for an event that there is not.
    """
    file = csv_of(raw)
    if not {"email", "id"} & {*file.columns}:
        raise BadInput(place="line 1", message="there is no column `email` or `id`.", hint="Name one column so.")
    async with store.read() as tx:
        await event_named(tx, asked.event)
    report = CheckedIn()
    rows = file.rows()
    while batch := list(islice(rows, _BATCH)):
        people = list(_good(batch, report))
        await _batch(store, clock, people, asked, report)
    report.problems.sort(key=lambda problem: problem.line)
    return report


async def _batch(store: Store, clock: Clock, people: Sequence[CsvRow], asked: CheckIn, report: CheckedIn) -> None:
    with suppress(_NothingStored):
        async with store.write() as tx:
            noting = partial(_come, clock=clock, asked=asked, report=report)
            outcomes = await run_together(tx, [(_looks(row, asked), partial(noting, row=row)) for row in people])
            for error in filter(None, outcomes):
                raise error
            _end(asked)


def _looks(row: CsvRow, asked: CheckIn) -> Looks:
    """Whom a row names: those of a batch are read together, for one by one is where the time goes."""
    if row.cells.get("id"):
        return Looks(candidate=row.cells["id"])
    try:
        return Looks(address=address_key(address_of(row.cells["email"]), asked.pepper))
    except BadInput:  # told of with its line when the row is noted
        return Looks()


def _end(asked: CheckIn) -> None:
    if asked.dry_run:
        raise _NothingStored


def _good(batch: list[CsvRow | RowProblem], report: CheckedIn) -> Iterator[CsvRow]:
    for row in batch:
        if isinstance(row, RowProblem):
            report.problems.append(row)
        elif not (row.cells.get("id") or row.cells.get("email")):
            report.problems.append(RowProblem(line=row.line, column=None, reason="names nobody"))
        else:
            yield row


async def _come(tx: Tx, *, clock: Clock, row: CsvRow, asked: CheckIn, report: CheckedIn) -> None:
    try:
        # Held until all is noted: whom nobody holds, the session forgets, and every look is a statement again.
        person = await _person(tx, clock, row.cells, asked, report)
        shift = shift_of(clock, person.id)
        taken = await note_presence(tx, clock, asked.event, person.id, "attended", by=asked.by, shift=shift)
    except (Refused, BadInput) as error:
        report.problems.append(_problem(row, error))
        return
    report.came += taken is not None
    report.known += taken is None
    report.started += len(taken.started) if taken else 0


async def _person(tx: Tx, clock: Clock, cells: Mapping[str, str], asked: CheckIn, report: CheckedIn) -> CandidateRow:
    if cells.get("id"):
        return await _known(tx, cells["id"])
    email = address_of(cells["email"])
    row = await candidates.by_key(tx, address_key(email, asked.pepper))
    if row is not None:
        return row
    if not asked.add:
        hint = "Say `add` to get to know strangers."
        raise BadInput(place="email", message="is nobody's address that we know.", hint=hint)
    fields = {name: cells[name] for name in _NAMES if cells.get(name)}
    new = NewPerson(email=email, fields={**fields, "source": f"event:{asked.event}"})
    added = await add_person(tx, clock, new, pepper=asked.pepper, cause=f"check-in {asked.event}")
    report.added += 1
    return added


async def _known(tx: Tx, name: str) -> CandidateRow:
    """The person behind an id; the error does not repeat it, for in a column that was shifted it is somebody's name."""
    try:
        return await candidates.get(tx, name)
    except NotFound as error:
        hint = "Look for them: `rapport candidates`."
        raise BadInput(place="id", message="is nobody's id that we know.", hint=hint) from error


def _problem(row: CsvRow, error: RapportError) -> RowProblem:
    column = "id" if row.cells.get("id") else "email"
    return RowProblem(line=row.line, column=column, reason=str(error).removeprefix(f"{column}: "))
