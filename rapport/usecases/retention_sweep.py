"""The retention sweep: who has been kept for long enough is erased, and whose consent runs out is asked in time."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select

from rapport.clock import Clock, shift_of
from rapport.crm.hiring import LONGEST_PROCESS
from rapport.crm.retention import CONTACTS, Due, Kept, due
from rapport.dsl.project import Project
from rapport.ports import SweepStanding
from rapport.store import consents, privacy
from rapport.store.database import Store, Tx
from rapport.store.tables.consent import ConsentRow, SuppressionRow
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases.erasing import erase
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import consents_of, expiry_of
from rapport.usecases.sweep_counts import SWEEP, counted

_Owned = TypeVar("_Owned", ApplicationRow, ConsentRow)
# A page is read in six statements.
_PAGE = 100
_BY = "retention policy"
_MIDNIGHT = datetime.min.time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One person, seen by the policy at `at` (walk time): due or not, and the consents that are about to run out."""

    candidate: str
    country: str
    at: datetime
    due: Due | None
    expiring: Sequence[ConsentRow] = ()


async def overdue(store: Store, clock: Clock) -> AsyncIterator[Judged]:
    """Everybody whom the next sweep would erase or announce; nothing is changed."""
    behind = ""
    while True:
        async with store.read() as tx:
            page = await _page(tx, behind)
            judged = await _judge(tx, clock, page)
        for each in judged:
            if each.due is not None:
                yield each
        if len(page) < _PAGE:
            return
        behind = page[-1].id


async def sweep_page(store: Store, clock: Clock, behind: str, *, sweep: str) -> SweepStanding:
    """Judge the next hundred people behind an id; done once more, nobody is erased or asked a second time.

    `sweep` is its name: the numbers are those of all its attempts at the page.
    """
    async with store.read() as tx:
        page = await _page(tx, behind)
        waiting = await privacy.announced(tx, [row.id for row in page])
        judged = await _judge(tx, clock, page)
    standing = SweepStanding(behind=page[-1].id if page else behind, looked=len(page), over=len(page) < _PAGE)
    for each in judged:
        if each.due is not None or each.expiring or each.candidate in waiting:
            # One transaction for each: whoever clicks meanwhile is asked first, and nobody else waits for long.
            async with store.write() as tx:
                await _act(tx, clock, each.candidate, sweep)
    async with store.read() as tx:
        return await counted(tx, standing, [row.id for row in page], behind=behind, sweep=sweep)


async def _act(tx: Tx, clock: Clock, candidate: str, sweep: str) -> None:
    """What is true now counts, not what was when the page was read."""
    row = await tx.get(CandidateRow, candidate)
    if row is None or row.erased_at is not None:
        return
    [judged] = await _judge(tx, clock, [row])
    waiting = (await privacy.announced(tx, [candidate])).get(candidate)
    for entry in judged.expiring:
        await _say(tx, clock, judged, entry, sweep)
    if judged.due is None:
        if waiting is not None:
            waiting.state, waiting.done_at = privacy.DROPPED, clock.now()
        return
    notice = (await live_project(tx)).retention.notice
    if notice is None or (waiting is not None and waiting.due_at is not None and waiting.due_at <= clock.now()):
        record = await erase(tx, clock, candidate, by=_BY, why=judged.due.why)
        record.detail = {**record.detail, SWEEP: sweep}
    elif waiting is None:
        await _announce(tx, clock, judged, clock.now() + notice.roughly(), sweep)


async def _announce(tx: Tx, clock: Clock, judged: Judged, due_at: datetime, sweep: str) -> None:
    """Write down that they will be erased, and let a sequence tell them."""
    assert judged.due is not None  # noqa: S101  # asked by `_act`
    row = await privacy.begin(
        tx,
        candidate=judged.candidate,
        kind=privacy.ERASURE,
        state=privacy.ANNOUNCED,
        by=_BY,
        at=clock.now(),
        due_at=due_at,
        detail={"why": judged.due.why, SWEEP: sweep},
    )
    await _happens(tx, clock, judged, name="erasure-announced", key=row.id)


async def _say(tx: Tx, clock: Clock, judged: Judged, entry: ConsentRow, sweep: str) -> None:
    """Say once for each consent that it is about to run out."""
    name = f"consent-expiring-{entry.purpose}"
    await _happens(tx, clock, judged, name=name, key=str(entry.id), evidence={SWEEP: sweep})


async def _happens(
    tx: Tx, clock: Clock, judged: Judged, *, name: str, key: str, evidence: Mapping[str, str] | None = None
) -> None:
    incoming = Incoming(
        dedupe_key=f"{name}:{key}",
        kind="custom",
        candidate=judged.candidate,
        at=judged.at,
        detail={"name": name},
        evidence=evidence or {},
        shift=shift_of(clock, judged.candidate),
    )
    await take_in(tx, clock, incoming)


async def _page(tx: Tx, behind: str) -> Sequence[CandidateRow]:
    """The next people; who became somebody else is looked at as that person."""
    row = CandidateRow
    query = select(row).where(row.id > behind, row.erased_at.is_(None), row.id.not_in(select(MergeRow.gone)))
    return (await tx.scalars(query.order_by(row.id).limit(_PAGE))).all()


async def _judge(tx: Tx, clock: Clock, page: Sequence[CandidateRow]) -> Sequence[Judged]:
    project, ids = await live_project(tx), [row.id for row in page]
    heard, jobs = await _heard(tx, ids), await _by_person(tx, ApplicationRow, ids)
    ledgers, closed = await _by_person(tx, ConsentRow, ids), await _closed(tx, page)
    judged = []
    for row in page:
        at, country = clock.walk_time(row.id), row.country or project.organization.country
        ledger = sorted(ledgers[row.id], key=lambda entry: (entry.at, entry.id))
        valid = consents_of(ledger, closed.get(row.email_key or "", ()), project, at)
        if consents.ALL in closed.get(row.email_key or "", ()):
            valid = {}
        kept = _kept(row, jobs[row.id], heard.get(row.id), at)
        kept = replace(kept, consents=bool(valid), expired_at=_expired(ledger, project, at))
        limit = at + project.retention.ask_before.roughly()
        expiring = [entry for entry in _granted(ledger) if (valid.get(entry.purpose) or limit) < limit]
        found = due(kept, project.retention.limits(country), at)
        judged.append(Judged(candidate=row.id, country=country, at=at, due=found, expiring=expiring))
    return judged


def _kept(row: CandidateRow, jobs: Sequence[ApplicationRow], heard: datetime | None, at: datetime) -> Kept:
    refused = [_rejected_at(job) for job in jobs if job.outcome == "rejected"]
    return Kept(
        since=row.recorded_at,
        heard_at=heard,
        rejected_at=max(refused, default=None),
        in_process=any(job.status == "active" and job.at > at - LONGEST_PROCESS for job in jobs),
    )


def _rejected_at(job: ApplicationRow) -> datetime:
    if job.rejected_on is None:
        return job.at
    return datetime.combine(job.rejected_on, _MIDNIGHT, tzinfo=job.at.tzinfo)


def _granted(ledger: Sequence[ConsentRow]) -> list[ConsentRow]:
    """The last entry of each purpose, where it is a consent."""
    return [entry for entry in {entry.purpose: entry for entry in ledger}.values() if entry.state == "granted"]


def _expired(ledger: Sequence[ConsentRow], project: Project, at: datetime) -> datetime | None:
    """When the last of the consents ran out that did."""
    ends = [expiry_of(entry, project) for entry in _granted(ledger)]
    return max((end for end in ends if end is not None and end <= at), default=None)


async def _heard(tx: Tx, ids: Sequence[str]) -> Mapping[str, datetime]:
    row = HappeningRow
    query = select(row.candidate, func.max(row.at)).where(
        row.candidate.in_(ids), row.kind.in_(CONTACTS), row.verdict == "human"
    )
    return {person: at for person, at in await tx.execute(query.group_by(row.candidate)) if person is not None}


async def _by_person(tx: Tx, table: type[_Owned], ids: Sequence[str]) -> Mapping[str, list[_Owned]]:
    found: defaultdict[str, list[_Owned]] = defaultdict(list)
    for row in await tx.scalars(select(table).where(table.candidate.in_(ids))):
        found[row.candidate].append(row)
    return found


async def _closed(tx: Tx, page: Sequence[CandidateRow]) -> Mapping[str, set[str]]:
    """The purposes, or `all`, for which each address is closed."""
    closed: defaultdict[str, set[str]] = defaultdict(set)
    row = SuppressionRow
    keys = [person.email_key for person in page if person.email_key]
    for key, scope in await tx.execute(select(row.key, row.scope).where(row.key.in_(keys))):
        closed[key].add(scope)
    return closed
