"""Importing a list of people: good rows are stored, bad ones are named, and a second time changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO

from rapport.clock import Clock
from rapport.dsl.project import Project
from rapport.errors import BadInput
from rapport.store.database import Store, Tx
from rapport.usecases.cause import Cause
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.importing.decide import Conflict, Decision, Read, decide, read_rows
from rapport.usecases.importing.known import State, Traces, state_of, traces_of
from rapport.usecases.importing.known_people import change_one, would_change
from rapport.usecases.importing.newcomers import Batch, add_all
from rapport.usecases.importing.rows import PeopleFile
from rapport.usecases.importing.seen import Seen
from rapport.usecases.merged_consent import close_alike
from rapport.usecases.segments import refresh, together
from rapport.usecases.shelf import live_project

# Long enough that commits cost little, short enough that nobody else waits for more than a moment.
_BATCH = 250
_CAUSE = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for every row that says nothing else: where the list comes from, and to what its people agreed."""

    source: str = ""
    consent: tuple[str, ...] = ()
    basis: str = ""
    text: str = ""


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do.

    `problems` are rows that were refused, in the order of the file; `conflicts` are those that may be about several
    people or contradict another one. `without_consent` counts people of the file who get no mail: nobody said to what
    they agreed, on which basis and where.
    """

    layout: str = ""
    left_out: tuple[str, ...] = ()
    warning: str | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    started: int = 0
    without_consent: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Import:
    """One import under way."""

    clock: Clock
    pepper: bytes = field(repr=False)
    project: Project
    defaults: Defaults
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
    report = ImportReport(layout=file.layout, left_out=tuple(file.left_out), warning=file.warning)
    job = _Import(
        clock=clock,
        pepper=pepper,
        project=project,
        defaults=_valid(defaults or Defaults(), project),
        dry=dry_run,
        seen=Seen(),
        report=report,
    )
    try:
        rows = file.rows()
        while page := list(islice(rows, _BATCH)):
            await _page(store, job, page)
            if progress is not None:
                progress(raw.tell())
    finally:
        job.seen.close()
    report.problems.sort(key=lambda problem: problem.line)
    return report


def _valid(defaults: Defaults, project: Project) -> Defaults:
    for purpose in defaults.consent:
        if purpose not in project.purposes:
            known = ", ".join(sorted(project.purposes)) or "none"
            raise BadInput(
                place="--consent",
                message=f"{purpose!r} is no purpose in project.yaml.",
                hint=f"There are: {known}. Publish project.yaml first if it is new.",
            )
    return defaults


async def _page(store: Store, job: _Import, page: Sequence[CsvRow | RowProblem]) -> None:
    reads = []
    for each in read_rows(page, job.project, job.pepper):
        if isinstance(each, RowProblem):
            job.report.problems.append(each)
        else:
            reads.append(_with_defaults(each, job.defaults))
    if job.dry:
        async with store.read() as tx:
            await _foresee(tx, job, reads)
        return
    async with store.write() as tx:
        async with together(tx, job.clock) as moved:
            await _store(tx, job, reads)
        job.report.started += sum(len(each.started) for each in moved)


def _with_defaults(read: Read, defaults: Defaults) -> Read:
    person = read.person
    source = {} if person.fields.get("source") or not defaults.source else {"source": defaults.source}
    changed = replace(
        person,
        fields={**person.fields, **source},
        consent=person.consent or defaults.consent,
        consent_basis=person.consent_basis or defaults.basis,
        consent_text=person.consent_text or defaults.text,
    )
    return replace(read, person=changed)


async def _foresee(tx: Tx, job: _Import, reads: Sequence[Read]) -> None:
    traces = await _traces(tx, reads)
    decisions = _decisions(job, reads, traces)
    state = await _state(tx, job, [each.owner for each in decisions if not each.is_new])
    tx.expunge_all()
    for each in decisions:
        if each.is_new:
            job.report.added += 1
        elif would_change(each, state, traces):
            job.report.changed += 1
        else:
            job.report.unchanged += 1
        _count_consent(job, each, state)


async def _store(tx: Tx, job: _Import, reads: Sequence[Read]) -> None:
    traces = await _traces(tx, reads)
    decisions = _decisions(job, reads, traces)
    if not decisions:
        return
    batch = Batch(
        clock=job.clock,
        project=job.project,
        cause=Cause(text=_CAUSE, at=job.clock.walk_time(decisions[0].owner)),
        now=job.clock.now(),
    )
    new = [each for each in decisions if each.is_new]
    job.report.started += await add_all(tx, batch, new)
    for each in new:
        traces.addresses.update(dict.fromkeys(each.row.keys, each.owner))
        traces.names.update(dict.fromkeys(each.row.person.names, each.owner))
        if len(each.row.keys) > 1 and traces.closed & {*each.row.keys}:
            await close_alike(tx, each.owner, now=batch.now)
    state = await _state(tx, job, [each.owner for each in decisions if not each.is_new])
    touched = [each.owner for each in new]
    job.report.added += len(new)
    for each in decisions:
        if not each.is_new:
            changed, started = await change_one(tx, batch, each, state, traces)
            job.report.started += started
            job.report.changed += changed
            job.report.unchanged += not changed
            touched += [each.owner] if changed else []
        _count_consent(job, each, state)
    await refresh(tx, job.clock, list(dict.fromkeys(touched)), cause=batch.cause)


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


async def _traces(tx: Tx, reads: Sequence[Read]) -> Traces:
    return await traces_of(
        tx,
        [key for read in reads for key in read.keys],
        [name for read in reads for name in read.person.names],
        name_keys=[key for read in reads for key in read.name_keys],
    )


async def _state(tx: Tx, job: _Import, owners: Sequence[str]) -> State:
    return await state_of(tx, owners, at=job.clock.now())


def _count_consent(job: _Import, each: Decision, state: State) -> None:
    has = each.row.person.proves_consent() or state.consents.get(each.owner)
    job.report.without_consent += not has
