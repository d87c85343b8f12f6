"""Enrolling: the one place that lets a person into a sequence, or says why not and keeps the answer."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from rapport.clock import Clock
from rapport.errors import Refused
from rapport.ids import enrollment_id
from rapport.store import candidates, consents, deliveries, enrollments, published
from rapport.store.database import Store, Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.published import VersionRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.entry import entry_of, start_of
from rapport.usecases.refusals import not_published, refusal_of
from rapport.usecases.shelf import live_project, plan_of
from rapport.usecases.snapshot import situation_of_person

# Stands in a refusal for what was no id.
_AN_ADDRESS = "an-address"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The walk that was begun."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """Who wants to go where, and why."""

    sequence: str
    candidate: str
    at: datetime
    now: datetime
    cause: str
    event: str | None
    application: str | None
    shift: float
    again: bool


async def enroll(
    tx: Tx,
    clock: Clock,
    *,
    sequence: str,
    candidate: str,
    at: datetime,
    cause: str,
    event: str | None = None,
    application: str | None = None,
    shift: float = 0.0,
    again: bool = False,
) -> Enrolled:
    """Begin a walk at `at` (walk time), or raise Refused with a stable `reason`.

    A refusal is recorded in this transaction as well, so a caller who wants to keep it must let the transaction
    commit; `enroll_now` does. `again` passes over `once`, `once_per` and `again_after`, never over a walk under way.
    """
    request = _Request(
        sequence=sequence,
        candidate=candidate,
        at=at,
        now=clock.now(),
        cause=cause,
        event=event,
        application=application,
        shift=shift,
        again=again,
    )
    person = await candidates.lock(tx, candidate)
    if person is not None and person.id != candidate:  # merged into another
        request = replace(request, candidate=person.id)
    version = await published.live_version(tx, sequence)
    if version is None:
        await _refuse(tx, request, "not_published")
        raise await not_published(tx, sequence)
    if person is None:
        raise await _refuse(tx, request, "unknown_candidate")
    key = await _admit(tx, request, version, person)
    return await _begin(tx, request, version, key)


async def enroll_now(
    store: Store,
    clock: Clock,
    *,
    sequence: str,
    candidate: str,
    cause: str,
    event: str | None = None,
    application: str | None = None,
    again: bool = False,
) -> Enrolled:
    """Begin a walk for a person at a door, in a transaction of its own; a refusal is stored before it is raised."""
    async with store.write() as tx:
        try:
            return await enroll(
                tx,
                clock,
                sequence=sequence,
                candidate=candidate,
                at=clock.walk_time(candidate),
                cause=cause,
                event=event,
                application=application,
                again=again,
            )
        except Refused as refused:
            refusal = refused
    raise refusal


async def _admit(tx: Tx, request: _Request, version: VersionRow, person: CandidateRow) -> str:
    """Ask every rule; the `once_per` key when the person may enter, else Refused."""
    unfit = await _unfit(tx, request, person)
    if unfit is not None:
        raise await _refuse(tx, request, unfit)
    plan, project = await plan_of(tx, version.sequence, version.hash), await live_project(tx)
    known = await situation_of_person(
        tx,
        person,
        project,
        purpose=plan.purpose,
        at=request.at,
        event=request.event,
        application=request.application,
    )
    entry = entry_of(
        version,
        known,
        project,
        suppressed=await consents.is_suppressed(tx, person.email_key, plan.purpose),
        walks=await enrollments.of_person(tx, person.id, version.sequence),
        again=request.again,
    )
    if entry.reason is not None:
        raise await _refuse(tx, request, entry.reason)
    return entry.once_key


async def _unfit(tx: Tx, request: _Request, person: CandidateRow) -> str | None:
    if person.erased_at is not None:
        return "erased"
    if request.event is not None and await tx.get(CalendarEventRow, request.event) is None:
        return "unknown_event"
    if request.application is not None:
        application = await tx.get(ApplicationRow, request.application)
        if application is None or application.candidate != person.id:
            return "unknown_application"
    return None


async def _begin(tx: Tx, request: _Request, version: VersionRow, key: str) -> Enrolled:
    n = 1 + (await _highest(tx, request))
    row = EnrollmentRow(
        id=enrollment_id(request.sequence, request.candidate, n),
        sequence=request.sequence,
        candidate=request.candidate,
        n=n,
        version=version.hash,
        state="starting",
        enrolled_at=request.at,
        recorded_at=request.now,
        cause=request.cause,
        once_key=key,
        event=request.event,
        application=request.application,
        shift_seconds=request.shift,
    )
    if not await insert_once(tx, row):
        raise await _refuse(tx, request, "already_enrolled")
    await deliveries.put(
        tx, enrollment=row.id, kind="start", payload=start_of(row, version), at=request.at, now=request.now
    )
    return Enrolled(row.id)


async def _highest(tx: Tx, request: _Request) -> int:
    query = select(func.max(EnrollmentRow.n)).where(
        EnrollmentRow.candidate == request.candidate, EnrollmentRow.sequence == request.sequence
    )
    return await tx.scalar(query) or 0


async def _refuse(tx: Tx, request: _Request, reason: str) -> Refused:
    """Record a refusal and compose the error that tells of it; an address in place of an id is not kept."""
    refused = refusal_of(request.sequence, reason)
    await insert(
        tx,
        RefusalRow(
            sequence=request.sequence,
            candidate=_AN_ADDRESS if "@" in request.candidate else request.candidate,
            reason=reason,
            message=refused.message,
            cause=request.cause,
            at=request.at,
            recorded_at=request.now,
        ),
    )
    return refused
