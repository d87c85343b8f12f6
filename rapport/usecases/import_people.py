"""Importing a list of people: good rows are stored, bad ones are named, and a second time changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Literal, TypeAlias

from rapport.clock import Clock
from rapport.dsl.project import Project
from rapport.errors import BadInput
from rapport.ids import address_key, new_candidate_id
from rapport.store import candidates, consents
from rapport.store.database import Store, Tx
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.csv_rows import CsvFile, CsvRow, RowProblem
from rapport.usecases.people_csv import READERS, ImportedPerson, read_person
from rapport.usecases.segments import refresh, together
from rapport.usecases.shelf import live_project

# Long enough that commits cost little, short enough that nobody else waits for more than a moment.
_BATCH = 100
_CAUSE = "import"
_Change: TypeAlias = Literal["added", "changed", "unchanged"]


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did; `problems` are in the order of the file, unknown columns on line 1."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    started: int = 0
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Import:
    """One import under way; `lines` remembers on which line an address came first."""

    clock: Clock
    pepper: bytes = field(repr=False)
    project: Project
    report: ImportReport = field(default_factory=ImportReport)
    lines: dict[str, int] = field(default_factory=dict)


async def import_people(store: Store, clock: Clock, raw: BinaryIO, *, pepper: bytes) -> ImportReport:
    """Store the people of a CSV file, a hundred at a time; being put into a pool starts what starts by it.

    Cells that are empty leave what is known; tags and pools are only added; a score counts for new people only;
    consent is written down where the ledger has nothing for the purpose, so a withdrawal stands.
    BadInput when the file as a whole cannot be read; rows before that line are stored.
    """
    file = CsvFile(raw)
    if "email" not in file.columns:
        raise BadInput(place="line 1", message="there is no column `email`.", hint="Name one column `email`.")
    async with store.read() as tx:
        project = await live_project(tx)
    job = _Import(clock=clock, pepper=pepper, project=project)
    job.report.problems += [
        RowProblem(line=1, column=name, reason="is not a column that we know; it was left out")
        for name in file.columns
        if name not in READERS
    ]
    rows = file.rows()
    while batch := list(islice(rows, _BATCH)):
        people = list(_good(job, batch))
        async with store.write() as tx:
            async with together(tx, clock) as moved:
                for person in people:
                    await _store(tx, job, person)
            job.report.started += sum(len(each.started) for each in moved)
    return job.report


def _good(job: _Import, batch: list[CsvRow | RowProblem]) -> Iterator[ImportedPerson]:
    """The people of a batch; problems go to the report."""
    for row in batch:
        if isinstance(row, RowProblem):
            job.report.problems.append(row)
            continue
        person = read_person(row, job.project)
        if isinstance(person, tuple):
            job.report.problems.extend(person)
            continue
        first = job.lines.setdefault(address_key(person.email, job.pepper), row.line)
        if first == row.line:
            yield person
        else:
            job.report.problems.append(
                RowProblem(line=row.line, column="email", reason=f"is the address of line {first} as well")
            )


async def _store(tx: Tx, job: _Import, person: ImportedPerson) -> None:
    key = address_key(person.email, job.pepper)
    row = await candidates.by_key(tx, key)
    if row is None and await consents.was_erased(tx, key):
        reason = "belongs to someone who asked to be forgotten"
        job.report.problems.append(RowProblem(line=person.line, column="email", reason=reason))
        return
    change: _Change = "unchanged"
    if row is None:
        row, change = await _add(tx, job, person, key), "added"
    elif _update(row, person):
        change = "changed"
    granted = await _grant(tx, job, row, person)
    joined = await _join(tx, job, row, person)
    if change == "unchanged" and (granted or joined):
        change = "changed"
    if change != "unchanged":
        await refresh(tx, job.clock, [row.id], cause=_cause(job, row))
    setattr(job.report, change, getattr(job.report, change) + 1)


async def _add(tx: Tx, job: _Import, person: ImportedPerson, key: str) -> CandidateRow:
    row = CandidateRow(
        id=new_candidate_id(), recorded_at=job.clock.now(), email=person.email, email_key=key, **person.fields
    )
    await insert(tx, row)
    if person.score:
        await change_score(tx, job.clock, row.id, how="set", points=person.score, cause=_cause(job, row))
    return row


def _update(row: CandidateRow, person: ImportedPerson) -> bool:
    """Overwrite what the row of the file fills; whether that changed anything."""
    new: dict[str, Any] = {name: value for name, value in person.fields.items() if getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    return bool(new)


async def _grant(tx: Tx, job: _Import, row: CandidateRow, person: ImportedPerson) -> bool:
    known = {entry.purpose for entry in await consents.ledger(tx, row.id)}
    missing = [purpose for purpose in person.consent if purpose not in known]
    for purpose in missing:
        await consents.record(
            tx,
            candidate=row.id,
            purpose=purpose,
            state="granted",
            basis=person.consent_basis,
            text=person.consent_text,
            source=row.source or _CAUSE,
            at=_cause(job, row).at,
            recorded_at=job.clock.now(),
        )
    return bool(missing)


async def _join(tx: Tx, job: _Import, row: CandidateRow, person: ImportedPerson) -> bool:
    """Add tags, then pools: what starts by a pool may ask for the tags and for consent."""
    cause = _cause(job, row)
    taken = [await change_tag(tx, job.clock, row.id, how="add", tag=tag, cause=cause) for tag in person.tags]
    taken += [await change_pool(tx, job.clock, row.id, how="add", pool=pool, cause=cause) for pool in person.pools]
    job.report.started += sum(len(each.started) for each in taken if each)
    return any(taken)


def _cause(job: _Import, row: CandidateRow) -> Cause:
    return Cause(text=_CAUSE, at=job.clock.walk_time(row.id))
