"""What changed about an application, told to whom it concerns; and why somebody who was rejected does not come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rapport.crm.hiring import LONGEST_PROCESS
from rapport.engine.happening import Happening, matches
from rapport.store import ats, candidates, enrollments
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.ats import AtsApplicationRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.walks import RefusalRow
from rapport.usecases.ats_notes import ask_for_note
from rapport.usecases.ats_people import EMPLOYEE
from rapport.usecases.ats_reading import Reading
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.live_starts import live_starts
from rapport.usecases.refusals import refusal_of

# Outcomes that the language has a word for; of the others walks hear nothing.
_KINDS = {"applied": "applied", "stage_changed_to": "stage_changed_to", "hired": "hired", "withdrawn": "withdrew"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One change of an application; `kind` is applied, stage_changed_to, or how it ended. `number` tells it apart.

    `at` is real time, `shift` how many seconds the person's walks are ahead of it.
    """

    application: str
    candidate: str
    number: int
    kind: str
    at: datetime
    shift: float


async def tell(tx: Tx, reading: Reading, fact: Fact) -> None:
    """Take it in as a happening; what happened before the connection was first read is kept, and starts nothing."""
    row = await tx.get_one(ApplicationRow, fact.application)
    is_news = fact.at >= reading.since
    if fact.kind not in _KINDS:
        why = await _why_not(tx, reading, fact)
        if why is not None:
            await _refuse(tx, reading, fact, row, why)
            return
    await take_in(tx, reading.clock, await _incoming(tx, reading, fact, row, is_news=is_news))
    if fact.kind == "applied" and is_news and reading.connection.history_note:
        seen = await tx.get_one(AtsApplicationRow, fact.application)
        await ask_for_note(tx, reading.name, person=seen.person, why=seen.id, at=reading.clock.now())


async def _why_not(tx: Tx, reading: Reading, fact: Fact) -> str | None:
    """Why somebody must not come back by this end of an application; None when they may."""
    if fact.kind != "rejected":
        return fact.kind
    if EMPLOYEE in await candidates.tags_of(tx, fact.candidate):
        return EMPLOYEE
    others = [row for row in await ats.applications_of(tx, fact.candidate) if row.id != fact.application]
    if any(row.status == "hired" for row in others):
        return "hired"
    recent = reading.clock.now() - LONGEST_PROCESS
    for row in others:
        if row.status == "active" and row.at >= recent and not await ats.is_prospect(tx, row.id):
            return "active_elsewhere"
    return None


async def _incoming(tx: Tx, reading: Reading, fact: Fact, row: ApplicationRow, *, is_news: bool) -> Incoming:
    kind = _KINDS.get(fact.kind, fact.kind)
    counts = is_news or (kind == "hired" and bool(await enrollments.walking(tx, fact.candidate)))
    why = {} if counts else {"why": f"it was before {reading.name} was first read"}
    return Incoming(
        dedupe_key=f"ats:{fact.application}:{fact.number}:{kind}",
        kind=kind,
        candidate=fact.candidate,
        at=_walk_time(reading, fact),
        detail=_detail(kind, row),
        verdict="human" if counts else "unsure",
        shift=fact.shift,
        evidence={"door": "ats", "connection": reading.name, **why},
    )


def _walk_time(reading: Reading, fact: Fact) -> datetime:
    """Clocks differ: nothing has happened in the future."""
    return min(fact.at, reading.clock.now()) + timedelta(seconds=fact.shift)


def _detail(kind: str, row: ApplicationRow) -> Mapping[str, Any]:
    said: dict[str, Any] = {"application": row.id, "job": row.job, "stage": row.stage, "recruiter": row.recruiter}
    if kind == "rejected":
        said |= {"reason": row.reason, "rejected_on": row.rejected_on.isoformat() if row.rejected_on else None}
    return {name: value for name, value in said.items() if value is not None}


async def _refuse(tx: Tx, reading: Reading, fact: Fact, row: ApplicationRow, why: str) -> None:
    """Note with every sequence that begins by a rejection like this one why it does not."""
    rejected = Happening(id="", kind="rejected", at=fact.at, detail={**_detail("rejected", row)})
    if fact.at < reading.since:
        return
    for sequence, start in (await live_starts(tx)).items():
        if not any(matches(pattern, rejected, event=None) for pattern in start.when):
            continue
        refused = refusal_of(sequence, why)
        refusal = RefusalRow(
            sequence=sequence,
            candidate=fact.candidate,
            reason=why,
            message=refused.message,
            cause=f"application {fact.application}",
            at=_walk_time(reading, fact),
            recorded_at=reading.clock.now(),
        )
        await insert(tx, refusal)
