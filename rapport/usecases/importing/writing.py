"""Storing a page of an import: the same rows as one by one, with a few statements for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update

from rapport.clock import Clock
from rapport.crm.score import Change as ScoreChange
from rapport.crm.score import Score
from rapport.dsl.project import Project
from rapport.store.consents import version_of
from rapport.store.database import Tx
from rapport.store.many import insert_many
from rapport.store.tables.consent import ConsentRow, SuppressionRow
from rapport.store.tables.identities import AddressRow, IdentityRow
from rapport.store.tables.people import CandidateRow, ProfileChangeRow
from rapport.usecases.cause import Cause
from rapport.usecases.importing.changes import Change
from rapport.usecases.importing.known import PROFILE_COLUMNS, State
from rapport.usecases.importing.words import put_on
from rapport.usecases.merged_consent import close_alike
from rapport.usecases.segments import refresh

_NO_SCORE: Final = Score()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What all rows of a page have in common."""

    clock: Clock
    project: Project
    cause: Cause
    now: datetime


async def write(tx: Tx, batch: Batch, changes: Sequence[Change], state: State) -> int:
    """Store what the rows of a page change, and whatever follows from it; how many walks begin."""
    await _write_people(tx, batch, changes, state)
    await _write_traces(tx, batch, changes)
    await _write_consent(tx, batch, changes)
    await _close_alike(tx, batch, {each.owner for each in changes if _has_joined(each)})
    started = await put_on(tx, batch.clock, batch.project, batch.cause, changes)
    touched = list(dict.fromkeys(each.owner for each in changes))
    moved = await refresh(tx, batch.clock, touched, cause=batch.cause)
    return started + sum(len(each.started) for each in moved)


async def _write_people(tx: Tx, batch: Batch, changes: Sequence[Change], state: State) -> None:
    new = {each.owner: each for each in changes if each.is_new}
    rows = [{"id": owner, **state.people[owner], **_score(batch, each)} for owner, each in new.items()]
    await insert_many(tx, CandidateRow, rows, {"recorded_at": batch.now})
    known = {each.owner for each in changes if each.fields or each.mailed_to} - new.keys()
    if known:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in PROFILE_COLUMNS}
        statement = update(CandidateRow).where(CandidateRow.id == bindparam("person")).values(values)
        rows = [{"person": owner, **_named_new(state.people[owner])} for owner in sorted(known)]
        await (await tx.connection()).execute(statement, rows)
    noted = [{"candidate": each.owner, "fields": list(each.fields)} for each in changes if each.is_new or each.fields]
    await insert_many(
        tx, ProfileChangeRow, noted, {"cause": batch.cause.text, "at": batch.cause.at, "recorded_at": batch.now}
    )


def _named_new(profile: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in profile.items()}


def _score(batch: Batch, each: Change) -> Mapping[str, Any]:
    """The score that somebody new begins with."""
    points = each.decision.row.person.score
    if not points:
        return {"score": 0, "score_rest": 0.0, "score_at": None}
    score = _NO_SCORE.changed(ScoreChange(how="set", points=points, at=batch.cause.at), batch.project.half_life)
    return {"score": score.points, "score_rest": score.rest, "score_at": score.at}


async def _write_traces(tx: Tx, batch: Batch, changes: Sequence[Change]) -> None:
    further = [
        {"key": key, "candidate": each.owner, "email": email} for each in changes for key, email in each.further.items()
    ]
    names = [
        {"system": system, "value": value, "candidate": each.owner, "key": key}
        for each in changes
        for key, (system, value) in each.decision.names.items()
    ]
    await insert_many(tx, AddressRow, further, {"recorded_at": batch.now})
    await insert_many(tx, IdentityRow, names, {"recorded_at": batch.now})


async def _write_consent(tx: Tx, batch: Batch, changes: Sequence[Change]) -> None:
    """The entries of the ledger for what rows prove and the ledger knows nothing of: a withdrawal stands."""
    hashes = {text: version_of(text) for text in {each.decision.row.person.consent_text for each in changes} if text}
    rows = [
        {
            "candidate": each.owner,
            "purpose": purpose,
            "basis": person.consent_basis,
            "text": person.consent_text,
            "text_hash": hashes.get(person.consent_text),
            "source": person.fields["source"],
        }
        for each in changes
        for person in [each.decision.row.person]
        for purpose in each.granted
    ]
    await insert_many(tx, ConsentRow, rows, {"state": "granted", "at": batch.cause.at, "recorded_at": batch.now})


def _has_joined(each: Change) -> bool:
    """Whether the row joins an address to what was known; the only one of somebody new joins nothing."""
    return bool(each.further) or (each.mailed_to and not each.is_new)


async def _close_alike(tx: Tx, batch: Batch, people: set[str]) -> None:
    """What somebody said by one of their addresses holds for those that a list has added."""
    if not people:
        return
    first = select(CandidateRow.id).join(SuppressionRow, SuppressionRow.key == CandidateRow.email_key)
    further = select(AddressRow.candidate).join(SuppressionRow, SuppressionRow.key == AddressRow.key)
    closed = [
        *await tx.scalars(first.where(CandidateRow.id.in_(people))),
        *await tx.scalars(further.where(AddressRow.candidate.in_(people))),
    ]
    for owner in sorted({*closed}):
        await close_alike(tx, owner, now=batch.now)
