"""Applications as an ATS tells of them: each change becomes one happening, however often and late it is told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from rapport.clock import shift_of
from rapport.crm.ats_words import ended_at, outcome_of, stage_of, status_of
from rapport.crm.hiring import AtsApplication
from rapport.store import ats, candidates
from rapport.store.database import Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.ats import AtsApplicationRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases import segments
from rapport.usecases.ats_facts import Fact, tell
from rapport.usecases.ats_reading import Reading
from rapport.usecases.cause import Cause

_A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """An application as we knew it; nothing of one that is new."""

    known: bool
    outcome: str | None
    stage: str | None
    is_prospect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What storing an application changed; `unhired`: it counted as a hire, and does not any more."""

    facts: Sequence[Fact] = ()
    changed: bool = False
    unhired: bool = False


async def take_in_applications(
    tx: Tx, reading: Reading, someone: CandidateRow, person: str, applications: Sequence[AtsApplication]
) -> bool:
    """Bring a person's applications up to date, then tell what has changed; False when more must be read first.

    Whether a rejected person may come back hangs on everything else that is known of them. So a rejection that is
    news waits until all of the person was read.
    """
    if not reading.whole and [each for each in applications if await _needs_a_look(tx, reading, each)]:
        return False
    # Once for all: a test's clock may stand still, and two facts must not change places.
    shift = shift_of(reading.clock, someone.id)
    stored = [await _store(tx, reading, someone, each) for each in _oldest_first(applications)]
    facts = [replace(fact, shift=shift) for each in stored for fact in each.facts]
    closed = reading.whole and await close_missing(tx, reading, person, applications)
    if closed or any(each.changed for each in stored):
        news = {fact.kind for fact in facts if fact.at >= reading.since}
        await stand(tx, reading, someone.id, news=news, unhired=any(each.unhired for each in stored))
    for fact in facts:
        await tell(tx, reading, fact)
    return True


def _oldest_first(applications: Sequence[AtsApplication]) -> Sequence[AtsApplication]:
    """The ATS lists the newest first."""
    return list(reversed(applications))


async def _needs_a_look(tx: Tx, reading: Reading, told: AtsApplication) -> bool:
    """Whether it is a rejection that we have not heard of, and no old story."""
    if outcome_of(told) is None or ended_at(told, otherwise=reading.asked_at) < reading.since:
        return False
    name = reading.own_id(told.id)
    row, seen = await tx.get(ApplicationRow, name), await tx.get(AtsApplicationRow, name)
    if seen is not None and reading.is_older(
        known_update=seen.updated_at, known_ask=seen.seen_at, update=told.updated_at
    ):
        return False
    return row is None or row.outcome != outcome_of(told)


async def _store(tx: Tx, reading: Reading, someone: CandidateRow, told: AtsApplication) -> _Stored:
    """Write down how it stands, and what that changes; news that is older than what we know changes nothing."""
    name = reading.own_id(told.id)
    row, seen = await _rows(tx, reading, someone, told)
    if seen.facts and reading.is_older(known_update=seen.updated_at, known_ask=seen.seen_at, update=told.updated_at):
        return _Stored()
    before = _Before(known=seen.facts > 0, outcome=row.outcome, stage=row.stage, is_prospect=seen.is_prospect)
    whose = row.candidate
    _write(row, reading, someone, told)
    changes = _changes(before, told, reading)
    seen.person, seen.seen_at, seen.updated_at = told.person, reading.asked_at, told.updated_at
    first, seen.is_prospect = seen.facts, told.is_prospect
    # One more than there are facts: an application that is known has a number, although nothing was told of it.
    seen.facts += len(changes) + (not before.known)
    await tx.flush()
    facts = [
        Fact(application=name, candidate=someone.id, number=first + place, kind=kind, at=at, shift=0)
        for place, (kind, at) in enumerate(changes)
    ]
    return _Stored(
        facts=facts,
        changed=bool(facts) or whose != someone.id,
        unhired=before.outcome == "hired" and row.outcome != "hired",
    )


async def _rows(
    tx: Tx, reading: Reading, someone: CandidateRow, told: AtsApplication
) -> tuple[ApplicationRow, AtsApplicationRow]:
    name, now = reading.own_id(told.id), reading.clock.now()
    row = await tx.get(ApplicationRow, name, populate_existing=True)
    if row is None:
        row = ApplicationRow(id=name, candidate=someone.id, at=reading.asked_at, recorded_at=now)
        await insert(tx, row)
    new = AtsApplicationRow(id=name, connection=reading.name, person=told.person, seen_at=reading.asked_at)
    await insert_once(tx, new)
    return row, await tx.get_one(AtsApplicationRow, name, populate_existing=True)


def _write(row: ApplicationRow, reading: Reading, someone: CandidateRow, told: AtsApplication) -> None:
    row.candidate, row.recorded_at = someone.id, reading.clock.now()
    row.at = told.updated_at or told.applied_at or row.at
    row.status, row.outcome = status_of(told), outcome_of(told)
    row.job = told.job_title or told.job or row.job
    # An ATS may forget where somebody stood when it rejects them; the last stage before is the one that counts.
    row.stage = told.stage or row.stage
    row.reason = told.reason if row.outcome == "rejected" else None
    row.rejected_on = _rejected_on(told, reading) if row.outcome == "rejected" else None
    row.recruiter = _recruiter(reading, told) or row.recruiter


def _rejected_on(told: AtsApplication, reading: Reading) -> date:
    return told.rejected_on or ended_at(told, otherwise=reading.asked_at).date()


def _recruiter(reading: Reading, told: AtsApplication) -> str | None:
    """The key of the colleague whose address the ATS names."""
    address = (told.recruiter_email or "").strip().lower()
    people = reading.project.people.values()
    return next((person.key for person in people if address and person.email.lower() == address), None)


def _changes(before: _Before, told: AtsApplication, reading: Reading) -> Sequence[tuple[str, datetime]]:
    """What happened since we knew it, in the words of the language, and when."""
    # Of what we see for the first time and has no date, nobody knows how old it is: it starts nothing.
    undated = reading.asked_at if before.known else reading.since - _A_MOMENT
    outcome, changed = outcome_of(told), told.updated_at or undated
    changes = []
    if not told.is_prospect and (not before.known or before.is_prospect):
        changes.append(("applied", told.applied_at or changed))
    elif before.known and outcome is None and not told.is_prospect and told.stage and told.stage != before.stage:
        changes.append(("stage_changed_to", changed))
    elif before.outcome is not None and outcome is None and not told.is_prospect:
        # Rejected or hired by mistake, and taken back: they are in a process again.
        changes.append(("stage_changed_to", changed))
    if outcome is not None and outcome != before.outcome:
        changes.append((outcome, ended_at(told, otherwise=undated)))
    return changes


async def stand(tx: Tx, reading: Reading, candidate: str, *, news: Collection[str] = (), unhired: bool = False) -> None:
    """Put the person where all of their applications have them; only what is news moves those who stand by hand."""
    rows = await ats.applications_of(tx, candidate)
    filed = [row for row in rows if not await ats.is_prospect(tx, row.id)]
    latest = max(filed, key=lambda row: (row.at, row.id), default=None)
    if latest is None:
        return
    person = await candidates.get(tx, candidate)
    stage = stage_of(
        person.stage,
        hired=any(row.status == "hired" for row in filed),
        under_way=[row.stage for row in filed if row.status == "active"],
        ended=latest.outcome,
        news=news,
        unhired=unhired,
    )
    if stage == person.stage:
        return
    person.stage = stage
    await tx.flush()
    cause = Cause(text=f"ats:{reading.name}", at=reading.clock.walk_time(candidate))
    await segments.refresh(tx, reading.clock, [candidate], cause=cause, changed=("stage",))


async def close_missing(tx: Tx, reading: Reading, person: str, applications: Sequence[AtsApplication]) -> bool:
    """An application that the ATS no longer has is over; nobody said how. Whether there was one."""
    listed = {reading.own_id(each.id) for each in applications}
    closed = False
    for seen in await ats.applications_at(tx, reading.name, person):
        row = await tx.get(ApplicationRow, seen.id) if seen.id not in listed else None
        if row is not None and row.outcome is None and seen.seen_at <= reading.asked_at:
            row.status, row.outcome, row.recorded_at = "closed", "other", reading.clock.now()
            closed = True
    await tx.flush()
    return closed
