"""What a happening changes about the person it happened to: consent, suppression, erasure, applications."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from rapport.crm.lifecycle import MOVING, stage_after
from rapport.dsl.events import PAUSES
from rapport.dsl.stages import APPLICANT, IN_PROCESS
from rapport.engine.known import CLOSES_ADDRESS
from rapport.ids import request_id
from rapport.store import candidates, consents, erasure, privacy, sends
from rapport.store.database import Tx
from rapport.store.mentions import Words
from rapport.store.once import insert
from rapport.store.tables.ats import AtsApplicationRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.usecases import consent_given
from rapport.usecases.incoming import Incoming
from rapport.usecases.segment_view import watch_of

# As long as the column of who asked.
_LONGEST_WORD = 200
_WITHDRAWN = "consent_withdrawn"
_OUTCOME = {"hired": "hired", "rejected": "rejected", "withdrew": "withdrawn"}
_APPLICATION_KINDS = ("applied", "stage_changed_to", *_OUTCOME)


async def apply_to_person(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> str | None:
    """Change what must change at once; the id of the application that it is about, if it is about one."""
    if incoming.kind in CLOSES_ADDRESS:
        await _suppress(tx, incoming, person, consents.ALL, now)
    if incoming.kind in ("unsubscribed", "consent_withdrawn", "complained", "erased"):
        await _withdraw(tx, incoming, person, now)
    if incoming.kind == "consent_given":
        await consent_given.give(tx, incoming, person, now)
    if incoming.kind in PAUSES:
        await consent_given.pause(tx, incoming, person, now)
    if incoming.kind == "erased":
        await _erase(tx, incoming, person, now)
    if incoming.kind in _APPLICATION_KINDS:
        return await _apply_to_application(tx, incoming, person, now)
    if incoming.kind in MOVING:
        await _move_stage(tx, incoming.kind, person.id)
    return None


async def _suppress(tx: Tx, incoming: Incoming, person: CandidateRow, scope: str, now: datetime) -> None:
    """Close the address that bounced; what the person says closes all of theirs."""
    for key in await _closed_by(tx, incoming, person):
        await consents.suppress(tx, key, scope=scope, reason=incoming.kind, at=incoming.at, recorded_at=now)


async def _closed_by(tx: Tx, incoming: Incoming, person: CandidateRow) -> Sequence[str]:
    if incoming.kind != "bounced":
        return sorted(await erasure.addresses_of(tx, [person.id]))
    key = await _bounced_key(tx, incoming, person)
    return [key] if key else []


async def about_another_address(tx: Tx, incoming: Incoming, person: CandidateRow) -> bool:
    """Whether an address bounced that mails to this person go to no more: their walks go on to the one of today."""
    return incoming.kind == "bounced" and await _bounced_key(tx, incoming, person) != person.email_key


async def _bounced_key(tx: Tx, incoming: Incoming, person: CandidateRow) -> str | None:
    """The key of the address that a mail was sent to; without a mail, of the one that mails go to."""
    mail = await sends.find(tx, incoming.send) if incoming.send is not None else None
    return mail.recipient_key if mail else person.email_key


async def _erase(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> None:
    """Keep the keys of all their addresses and names, also of rows that became theirs, and forget the rest."""
    people = await erasure.everybody(tx, person.id)
    keys = [(key, consents.ALL) for key in await erasure.addresses_of(tx, people)]
    keys += [(key, consents.NAME) for key in await erasure.name_keys_of(tx, people)]
    for key, scope in keys:
        await consents.suppress(tx, key, scope=scope, reason=consents.ERASED, at=incoming.at, recorded_at=now)
    words = await erasure.erase(tx, person.id, incoming.at)
    await _record_erasure(tx, incoming, person, words, now)


async def _record_erasure(tx: Tx, incoming: Incoming, person: CandidateRow, words: Words, now: datetime) -> None:
    """Let a workflow finish it: wait for the walks, clear the files. The record names nobody."""
    by, why = (words.blotted(str(incoming.evidence.get(key) or ""))[:_LONGEST_WORD] for key in ("by", "why"))
    waiting = (await privacy.announced(tx, [person.id])).get(person.id)
    if waiting is not None:
        waiting.state, waiting.told = privacy.RUNNING, False
        await tx.flush()
        return
    detail = {"why": why} if why else {}
    await privacy.begin(
        tx,
        candidate=person.id,
        kind=privacy.ERASURE,
        state=privacy.RUNNING,
        by=by or "an event",
        at=now,
        identity=request_id(incoming.dedupe_key),
        told=False,
        detail=detail,
    )


async def _withdraw(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> None:
    """Write the withdrawal into the ledger; unsubscribing closes the address for the purpose as well."""
    scope = str(incoming.detail.get("purpose") or consents.ALL)
    if incoming.kind == consents.UNSUBSCRIBED:
        await _suppress(tx, incoming, person, scope, now)
    latest = {entry.purpose: entry.state for entry in await consents.ledger(tx, person.id)}
    granted = [name for name, state in latest.items() if state == "granted"]
    purposes = [scope] if scope != consents.ALL else granted
    if incoming.kind == _WITHDRAWN and consents.ALL not in await consents.suppressed(tx, person.email_key):
        purposes = await _objected_to(tx, incoming, person, scope, granted, now)
    for purpose in purposes:
        if latest.get(purpose) != "withdrawn":
            await consents.record(
                tx,
                candidate=person.id,
                purpose=purpose,
                state="withdrawn",
                source=str(incoming.evidence.get("source") or incoming.kind),
                at=incoming.at,
                recorded_at=now,
                **consent_given.shown(incoming),
            )


async def _objected_to(
    tx: Tx, incoming: Incoming, person: CandidateRow, scope: str, granted: Sequence[str], now: datetime
) -> list[str]:
    """For which purposes the ledger has to say no; where one needs no consent, its mails are stopped at the address.

    A no to everything is one to every purpose that there is: a consent that is found later, in a list, must not count.
    """
    known = (await watch_of(tx)).project.purposes
    purposes = [scope] if scope != consents.ALL else sorted({*known, *granted})
    for purpose in purposes:
        if purpose in known and not known[purpose].required:
            for key in await erasure.addresses_of(tx, [person.id]):
                reason = consents.UNSUBSCRIBED
                await consents.suppress(tx, key, scope=purpose, reason=reason, at=incoming.at, recorded_at=now)
    return purposes


async def _apply_to_application(tx: Tx, incoming: Incoming, person: CandidateRow, now: datetime) -> str:
    """Bring the application up to date; news that is older than what we know changes nothing."""
    name = str(incoming.detail.get("application") or f"{person.id}/{incoming.detail.get('job') or ''}")
    row = await tx.get(ApplicationRow, name)
    if row is not None and await tx.get(AtsApplicationRow, name) is not None:
        return row.id  # its ATS keeps it current, and was there first
    if row is None:
        row = ApplicationRow(id=name, candidate=person.id, at=incoming.at, recorded_at=now)
        await insert(tx, row)
    elif row.at > incoming.at or row.candidate != person.id:
        return row.id
    _tell(row, incoming)
    row.at, row.recorded_at = incoming.at, now
    ends = incoming.kind in _OUTCOME
    await _move_stage(tx, incoming.kind, person.id, await _under_way(tx, person.id, but=row.id) if ends else None)
    return row.id


async def _move_stage(tx: Tx, kind: str, candidate: str, under_way: str | None = None) -> None:
    person = await candidates.get(tx, candidate)
    stage = stage_after(person.stage, kind, under_way=under_way)
    if stage != person.stage:
        person.stage = stage
    await tx.flush()


async def _under_way(tx: Tx, candidate: str, *, but: str) -> str | None:
    """Where another application of the person has them; None without one under way."""
    row = ApplicationRow
    others = select(row.stage).where(row.candidate == candidate, row.id != but, row.status == "active")
    stages = (await tx.scalars(others)).all()
    if not stages:
        return None
    return APPLICANT if all(stage in (None, "applied") for stage in stages) else IN_PROCESS


def _tell(row: ApplicationRow, incoming: Incoming) -> None:
    detail = incoming.detail
    outcome = _OUTCOME.get(incoming.kind)
    row.status, row.outcome = outcome or "active", outcome
    row.job = _text(detail.get("job")) or row.job
    row.recruiter = _text(detail.get("recruiter")) or row.recruiter
    stage = _text(detail.get("stage"))
    row.stage = stage or {"applied": "applied", "hired": "hired"}.get(incoming.kind, row.stage)
    row.reason = _text(detail.get("reason")) if incoming.kind == "rejected" else row.reason
    row.rejected_on = _day(detail.get("rejected_on"), incoming.at) if incoming.kind == "rejected" else row.rejected_on


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _day(value: object, at: datetime) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else at.date()
    except ValueError:
        return at.date()
