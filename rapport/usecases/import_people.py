"""Importing a list of people: good rows are stored, bad ones are named, and a second time changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final

from rapport.clock import Clock
from rapport.dsl.project import Project
from rapport.errors import BadInput
from rapport.store.database import Store, Tx
from rapport.usecases.cause import Cause
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.importing.changes import Change, take
from rapport.usecases.importing.decide import Conflict, Decision, Read, decide, read_rows
from rapport.usecases.importing.known import State, Traces, state_of, traces_of
from rapport.usecases.importing.rows import PeopleFile
from rapport.usecases.importing.seen import Seen
from rapport.usecases.importing.writing import Batch, write
from rapport.usecases.people_csv import Defaults, PeopleReader, unfit_basis
from rapport.usecases.shelf import live_project

# Long enough that commits cost little, short enough that nobody else waits for more than a moment.
ROWS_AT_ONCE: Final = 500
_CAUSE = "import"


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do.

    `problems` are rows that were refused, in the order of the file; `conflicts` are those that may be about several
    people or contradict another one. `without_consent` counts people of the file who get no mail: nobody said to what
    they agreed, on which basis and where. `nameless` are columns without a name that hold something, each with the
    first line on which it does; nothing is made of them.
    """

    layout: str = ""
    left_out: tuple[str, ...] = ()
    nameless: Sequence[RowProblem] = ()
    warning: str | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    started: int = 0
    without_consent: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def count(self, change: Change) -> None:
        """Count a row that was taken over."""
        self.added += change.is_new
        self.changed += change.is_any() and not change.is_new
        self.unchanged += not change.is_any()


@dataclass(slots=True, kw_only=True)
class _Import:
    """One import under way."""

    clock: Clock
    pepper: bytes = field(repr=False)
    project: Project
    reader: PeopleReader
    dry: bool
    seen: Seen
    report: ImportReport


async def import_people(
    store: Store,
    clock: Clock,
    raw: BinaryIO,
    *,
    pepper: bytes,
    layout: str | None = None,
    defaults: Defaults | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> ImportReport:
    """Store the people of a CSV or JSON Lines file, batch by batch; being put into a pool starts what starts by it.

    Cells that are empty leave what is known; tags, pools, addresses and names are only added; a score counts for new
    people only; consent is written down where the ledger has nothing for the purpose, so a withdrawal stands.
    A dry run decides all the same and writes nothing. An import that was killed is begun anew with the same file:
    what was stored is found, and the end is the same. `progress` is told how many bytes have been read.
    BadInput when the file as a whole cannot be read; rows before that line are stored.
    """
    file = PeopleFile(raw, layout=layout)
    async with store.read() as tx:
        project = await live_project(tx)
    report = ImportReport(layout=file.layout, warning=file.warning)
    job = _Import(
        clock=clock,
        pepper=pepper,
        project=project,
        reader=PeopleReader(project, _valid(defaults or Defaults(), project)),
        dry=dry_run,
        seen=Seen(),
        report=report,
    )
    try:
        rows = file.rows()
        while page := list(islice(rows, rows_at_once)):
            await _page(store, job, page)
            if progress is not None:
                progress(raw.tell())
        report.without_consent = job.seen.without_consent()
    finally:
        job.seen.close()
    report.left_out, report.nameless = tuple(file.left_out), file.nameless
    report.problems.sort(key=lambda problem: problem.line)
    return report


def _valid(defaults: Defaults, project: Project) -> Defaults:
    for purpose in defaults.consent:
        if purpose not in project.purposes:
            known = ", ".join(sorted(project.purposes)) or "none"
            raise BadInput(
                place="consent",
                message=f"{purpose!r} is no purpose in project.yaml.",
                hint=f"There are: {known}. Publish project.yaml first if it is new.",
            )
    reason = unfit_basis(project, defaults.consent, defaults.basis)
    if reason:
        raise BadInput(place="consent_basis", message=f"{reason}.", hint="Nothing was read: say another basis.")
    return defaults


async def _page(store: Store, job: _Import, page: Sequence[CsvRow | RowProblem]) -> None:
    reads = []
    for each in read_rows(page, job.reader, job.pepper):
        if isinstance(each, RowProblem):
            job.report.problems.append(each)
        else:
            reads.append(each)
    async with store.read() if job.dry else store.write() as tx:
        changes, state = await _changes(tx, job, reads)
        if changes and not job.dry:
            job.report.started += await write(tx, _batch(job, changes[0].owner), changes, state)


async def _changes(tx: Tx, job: _Import, reads: Sequence[Read]) -> tuple[Sequence[Change], State]:
    """What these rows change, which is counted; and what is known of everybody afterwards."""
    traces = await traces_of(
        tx,
        [key for read in reads for key in read.addresses],
        [name for read in reads for name in read.person.names],
        name_keys=[key for read in reads for key in read.name_keys],
    )
    marks = [mark for read in reads for mark in (*read.addresses, *read.name_keys)]
    job.seen.open_page(marks, {*traces.addresses.values(), *traces.names.values()})
    decisions = _decisions(job, reads, traces)
    state = await state_of(tx, [each.owner for each in decisions if not each.is_new], at=job.clock.now())
    changes = []
    for each in decisions:
        change = take(each, state)
        job.report.count(change)
        if change.is_any():
            changes.append(change)
        if state.consents[each.owner]:
            job.seen.note_consent(each.owner)
    job.seen.close_page()
    return changes, state


def _batch(job: _Import, owner: str) -> Batch:
    cause = Cause(text=_CAUSE, at=job.clock.walk_time(owner))
    return Batch(clock=job.clock, project=job.project, cause=cause, now=job.clock.now())


def _decisions(job: _Import, reads: Sequence[Read], traces: Traces) -> list[Decision]:
    found = []
    for read in reads:
        match decide(read, traces, job.seen):
            case Conflict() as conflict:
                job.report.conflicts.append(conflict)
            case RowProblem() as problem:
                job.report.problems.append(problem)
            case decision:
                found.append(decision)
    return found
