"""The store as the rules see it: everything known about one enrollment, or one person, at one instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from rapport.crm.hiring import LONGEST_PROCESS
from rapport.crm.score import Score
from rapport.dsl.duration import Duration
from rapport.dsl.model import Ats
from rapport.dsl.plan import Plan
from rapport.dsl.project import ContactPolicy, Project
from rapport.engine.situation import MailFacts, Situation
from rapport.store import candidates, consents, enrollments, happenings, sends
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow, ReadRow
from rapport.usecases.ledger import gone_on
from rapport.usecases.shelf import live_project, version_of

_PLAIN_FIELDS = (
    "id",
    "first_name",
    "last_name",
    "email",
    "locale",
    "timezone",
    "country",
    "city",
    "seniority",
    "skills",
    "source",
    "stage",
    "owner_recruiter",
    "joined_on",
    "last_contacted_on",
    "custom",
)
_EVENT_FIELDS = ("id", "type", "title", "starts_at", "ends_at", "zone", "city", "cancelled")
_APPLICATION_FIELDS = ("id", "job", "stage", "status", "outcome", "reason", "rejected_on", "recruiter")
_BECAME = ("opened", "clicked", "replied", "bounced")
_AWAY = "out_of_office"
# The application as it was last read before a mail, under a name that `as:` cannot give: what a step has read stays as
# it was read, for the conditions behind it.
LATEST_READ = "@application"
# A note that names a day further ahead is not read as an absence.
_AN_ABSENCE = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the rules see of one enrollment, and the rows behind it, so that nobody reads them a second time.

    `ledger` and `sends` are in the order of time; `stopped` are the purposes that the address is closed for.
    """

    situation: Situation
    plan: Plan
    owner: str
    project: Project
    ledger: Sequence[ConsentRow]
    stopped: Collection[str]
    sends: Sequence[SendRow]


async def situation(tx: Tx, enrollment: str, at: datetime) -> tuple[Situation, Plan, Project]:
    """Everything known about one enrollment at `at` (walk time), its plan, and the project as it is now."""
    row = await enrollments.get(tx, enrollment)
    seen = await look(tx, row, await candidates.get(tx, row.candidate), at)
    return seen.situation, seen.plan, seen.project


async def look(tx: Tx, row: EnrollmentRow, person: CandidateRow, at: datetime) -> Seen:
    """The same with the rows behind it; every statement of a mail counts, and some 15 ask all that is to be known."""
    version, project = await version_of(tx, row.sequence, row.version), await live_project(tx)
    stopped, ledger = await consents.suppressed(tx, person.email_key), await consents.ledger(tx, person.id)
    sent = await sends.of_enrollment(tx, row.id)
    known = await _of_person(
        tx,
        person,
        project,
        _valid(person, ledger, stopped, project, at),
        purpose=version.plan.purpose,
        at=at,
        event=row.event,
        application=row.application,
    )
    known = replace(known, paused_until=consents.paused_until(ledger, at))
    return Seen(
        situation=await _with_walk(tx, known, row, version.plan, sent, project.contact_policy),
        plan=version.plan,
        owner=version.owner,
        project=project,
        ledger=ledger,
        stopped=stopped,
        sends=sent,
    )


async def situation_of_person(
    tx: Tx,
    person: CandidateRow,
    project: Project,
    *,
    purpose: str,
    at: datetime,
    event: str | None = None,
    application: str | None = None,
) -> Situation:
    """What is known about a person who would enter a sequence at `at`."""
    valid = await valid_consents(tx, person, project, at)
    return await _of_person(tx, person, project, valid, purpose=purpose, at=at, event=event, application=application)


async def _of_person(
    tx: Tx,
    person: CandidateRow,
    project: Project,
    valid: Mapping[str, datetime | None],
    *,
    purpose: str,
    at: datetime,
    event: str | None,
    application: str | None,
) -> Situation:
    return Situation(
        at=at,
        purpose=purpose,
        enrolled_at=at,
        candidate=await _candidate(tx, person, project, at),
        consents=valid,
        event=event_fields(await tx.get(CalendarEventRow, event) if event else None),
        application=application_fields(await _application(tx, person.id, application)),
    )


async def valid_consents(tx: Tx, person: CandidateRow, project: Project, at: datetime) -> Mapping[str, datetime | None]:
    """The purposes with valid consent at `at` and when each expires (None: never); suppressions take theirs away."""
    stopped = await consents.suppressed(tx, person.email_key)
    return _valid(person, await consents.ledger(tx, person.id), stopped, project, at)


def _valid(
    person: CandidateRow, ledger: Sequence[ConsentRow], stopped: Collection[str], project: Project, at: datetime
) -> Mapping[str, datetime | None]:
    if consents.ALL in stopped or person.erased_at is not None:
        return {}
    return consents_of(ledger, stopped, project, at)


def consents_of(
    entries: Sequence[ConsentRow], stopped: Collection[str], project: Project, at: datetime
) -> Mapping[str, datetime | None]:
    """The same from a person's ledger, oldest entry first, and the purposes that their address is closed for."""
    # A withdrawal holds at once, also for a walk whose clock is seconds behind.
    latest = {entry.purpose: entry for entry in entries if entry.at <= at or entry.state == "withdrawn"}
    granted = {
        purpose: expiry_of(entry, project)
        for purpose, entry in latest.items()
        if entry.state == "granted" and purpose not in stopped
    }
    return {purpose: until for purpose, until in granted.items() if until is None or until > at}


def expiry_of(entry: ConsentRow, project: Project) -> datetime | None:
    """When a consent runs out: what the entry says or the purpose says now, the earlier one; None is never.

    So a stricter rule holds at once.
    """
    purpose = project.purposes.get(entry.purpose)
    ruled = entry.at + purpose.expires_after.roughly() if purpose and purpose.expires_after else None
    limits = [limit for limit in (entry.expires_at, ruled) if limit is not None]
    return min(limits, default=None)


async def _candidate(tx: Tx, person: CandidateRow, project: Project, at: datetime) -> dict[str, Any]:
    tags, pools = await candidates.tags_of(tx, person.id), await candidates.pools_of(tx, person.id, at)
    return candidate_fields(person, project, at, tags=tags, pools=pools)


def candidate_fields(
    person: CandidateRow, project: Project, at: datetime, *, tags: Sequence[str], pools: Sequence[str]
) -> dict[str, Any]:
    """The catalog's fields of a person at an instant, by their bare names."""
    score = Score.of(person).points_at(at, project.half_life)
    return {**_fields(person, _PLAIN_FIELDS), "score": score, "tags": list(tags), "pools": list(pools)}


def application_fields(row: ApplicationRow | None) -> dict[str, Any]:
    """The catalog's fields of an application; none without one."""
    return _fields(row, _APPLICATION_FIELDS)


def event_fields(row: CalendarEventRow | None) -> dict[str, Any]:
    """The catalog's fields of an event; none without one."""
    return _fields(row, _EVENT_FIELDS)


async def _application(tx: Tx, candidate: str, application: str | None) -> ApplicationRow | None:
    """The application that the walk is about, else the person's latest one."""
    if application is not None:
        return await tx.get(ApplicationRow, application)
    query = select(ApplicationRow).where(ApplicationRow.candidate == candidate)
    return await tx.scalar(query.order_by(ApplicationRow.at.desc(), ApplicationRow.id).limit(1))


def _fields(row: object | None, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


async def _with_walk(
    tx: Tx, known: Situation, row: EnrollmentRow, plan: Plan, sent: Sequence[SendRow], policy: ContactPolicy
) -> Situation:
    """Add what this walk has sent, read and heard."""
    since, at = row.enrolled_at, known.at
    # A timer that fires late still says its deadline, so what came after `at` may be known, and stops a mail.
    quiet = {kind: at - _quiet_for(span) for kind, span in policy.quiet_after.items()}
    # Who is away is away for every walk, also for one that begins meanwhile.
    heard = await happenings.lately(tx, row.candidate, since={**quiet, _AWAY: at - _AN_ABSENCE}, event=row.event)
    # Nobody asks for what cannot be there: half of the mails are a walk's first, and few walks read from an ATS.
    reads = await _reads(tx, row.id) if any(_is_read(node.action) for node in plan.nodes) else ()
    answers = await happenings.of_mails(tx, row.id) if sent else ()
    read = {read.name: read.data for read in reads}
    return replace(
        known,
        enrolled_at=since,
        mails=_mails(sent, answers, at),
        ats=read.pop(LATEST_READ, {}),
        reads=read,
        back_on=_back_on(heard, at),
        quiet={
            happening.kind: happening.at
            for happening in heard
            if happening.kind in quiet and not await _was_taken_back(tx, happening)
        },
    )


async def _was_taken_back(tx: Tx, happening: HappeningRow) -> bool:
    """Whether it is a hire of an application that ended otherwise, or goes on: nobody has to be left alone for it."""
    application = happening.detail.get("application") if happening.kind == "hired" else None
    row = await tx.get(ApplicationRow, application) if application else None
    return row is not None and row.outcome != "hired"


def _quiet_for(span: Duration | None) -> timedelta:
    """At least as long as a quiet time is; the gate counts exactly."""
    return LONGEST_PROCESS if span is None else 2 * span.roughly() + timedelta(days=14)


async def _reads(tx: Tx, enrollment: str) -> Sequence[ReadRow]:
    return (await tx.scalars(select(ReadRow).where(ReadRow.enrollment == enrollment))).all()


def _is_read(action: object) -> bool:
    return isinstance(action, Ats) and action.how == "read"


def _mails(sent: Sequence[SendRow], heard: Sequence[HappeningRow], at: datetime) -> dict[str, MailFacts]:
    facts = {
        send.step: MailFacts(sent=send.accepted_at or send.at)
        for send in sent
        if gone_on(send) and (send.accepted_at or send.at) <= at
    }
    for happening in heard:
        step, kind = happening.step, happening.kind
        known = facts.get(step) if step else None
        if step and known and kind in _BECAME and happening.at <= at and getattr(known, kind) is None:
            facts[step] = replace(known, **{kind: happening.at})
    return facts


def _back_on(heard: Sequence[HappeningRow], at: datetime) -> date | None:
    """The day of return that the latest out-of-office reply names, unless it has passed everywhere on earth."""
    away = [happening for happening in heard if happening.kind == _AWAY]
    until = away[-1].detail.get("until") if away else None
    if not isinstance(until, str):
        return None
    try:
        day = date.fromisoformat(until[:10])
    except ValueError:
        return None
    return day if day >= (at - timedelta(days=1)).date() else None
