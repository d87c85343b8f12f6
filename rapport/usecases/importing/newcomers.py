"""Storing many new people at once: the same rows as one by one, with one statement for each table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, insert

from rapport.clock import Clock
from rapport.dsl.events import WORD_EVENTS
from rapport.dsl.project import Project
from rapport.ids import happening_id
from rapport.store.columns import Row
from rapport.store.consents import version_of
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow, IdentityRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, ProfileChangeRow, TagRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool, change_score, change_tag
from rapport.usecases.importing.decide import Decision
from rapport.usecases.live_starts import live_starts

_TAGGED: Final = "tagged"
_POOLED: Final = "added_to_pool"
# A row has every column, so that one statement takes all rows.
_EMPTY: Final[Mapping[str, Any]] = {
    **{column.key: None for column in CandidateRow.__table__.columns},
    "skills": [],
    "custom": {},
    "score": 0,
    "score_rest": 0.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What all rows of a batch have in common."""

    clock: Clock
    project: Project
    cause: Cause
    now: datetime


async def add_all(tx: Tx, batch: Batch, decisions: Sequence[Decision]) -> int:
    """Store new people with all that their rows say; how many walks begin by it."""
    cause, now = batch.cause, batch.now
    noted = {"cause": cause.text, "at": cause.at, "recorded_at": now}
    await put_all(tx, CandidateRow, [_candidate(each, now) for each in decisions])
    await put_all(tx, AddressRow, [row for each in decisions for row in _further(each, now)])
    await put_all(tx, IdentityRow, [row for each in decisions for row in _names(each, now)])
    await put_all(
        tx, ProfileChangeRow, [{"candidate": each.owner, "fields": _fields(each), **noted} for each in decisions]
    )
    await put_all(tx, ConsentRow, [row for each in decisions for row in grants(batch, each, known=())])
    return await _join_all(tx, batch, decisions)


async def put_all(tx: Tx, kind: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns."""
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101  # tells mypy that no row of ours is a view
    if rows:
        await (await tx.connection()).execute(insert(table), list(rows))


def grants(batch: Batch, each: Decision, *, known: Collection[str]) -> list[dict[str, Any]]:
    """The entries of the ledger for what the row proves and the ledger knows nothing of: a withdrawal stands."""
    person = each.row.person
    if not person.proves_consent():
        return []
    text = person.consent_text
    return [
        {
            "candidate": each.owner,
            "purpose": purpose,
            "state": "granted",
            "basis": person.consent_basis,
            "text": text,
            "text_hash": version_of(text) if text else None,
            "source": person.fields["source"],
            "at": batch.cause.at,
            "recorded_at": batch.now,
        }
        for purpose in person.consent
        if purpose not in known
    ]


def _candidate(each: Decision, now: datetime) -> Mapping[str, Any]:
    person = each.row.person
    email = {"email": person.emails[0], "email_key": each.row.keys[0]} if person.emails else {}
    return {**_EMPTY, "id": each.owner, "recorded_at": now, **email, **person.fields}


def _further(each: Decision, now: datetime) -> list[Mapping[str, Any]]:
    emails = dict(zip(each.row.keys, each.row.person.emails, strict=False))
    return [
        {"key": key, "candidate": each.owner, "email": email, "recorded_at": now}
        for key, email in [*emails.items()][1:]
    ]


def _names(each: Decision, now: datetime) -> list[Mapping[str, Any]]:
    return [
        {"system": system, "value": value, "candidate": each.owner, "recorded_at": now}
        for system, value in each.row.person.names
    ]


def _fields(each: Decision) -> list[str]:
    person = each.row.person
    own = [f"custom.{name}" for name in person.fields.get("custom", {})]
    return [*(name for name in person.fields if name != "custom"), *own]


async def _join_all(tx: Tx, batch: Batch, decisions: Sequence[Decision]) -> int:
    """Scores, tags and pools; what nobody waits for is written at once, and what starts a sequence one by one."""
    starts = (await live_starts(tx)).values()
    waited = {(pattern.kind, word) for start in starts for pattern in start.when for word in _words(pattern.where)}
    kinds = {kind for kind, _ in waited} | {p.kind for start in starts for p in start.when if not p.where}
    tags, pools, slow = list[Any](), list[Any](), list[Any]()
    for each in decisions:
        for kind, words, rows in (
            (_TAGGED, each.row.person.tags, tags),
            (_POOLED, each.row.person.pools, pools),
        ):
            for word in words:
                if kind in kinds:
                    slow.append((each.owner, kind, word))
                else:
                    rows.append((each.owner, word))
    await _write(tx, batch, TagRow, _TAGGED, tags)
    await _write(tx, batch, PoolMemberRow, _POOLED, pools)
    started = sum([await join(tx, batch, owner, kind, word) for owner, kind, word in slow])
    for each in decisions:
        if each.row.person.score:
            started += await set_score(tx, batch, each)
    return started


def _words(where: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    return [word for _, words in where for word in words]


async def join(tx: Tx, batch: Batch, owner: str, kind: str, word: str) -> int:
    """Put on a tag or put into a pool through the one door; how many walks begin by it."""
    if kind == _TAGGED:
        taken = await change_tag(tx, batch.clock, owner, how="add", tag=word, cause=batch.cause)
    else:
        taken = await change_pool(tx, batch.clock, owner, how="add", pool=word, cause=batch.cause)
    return len(taken.started) if taken else 0


async def set_score(tx: Tx, batch: Batch, each: Decision) -> int:
    """The score that somebody new begins with; how many walks begin by it."""
    points = each.row.person.score
    taken = await change_score(tx, batch.clock, each.owner, how="set", points=points, cause=batch.cause)
    return len(taken.started) if taken else 0


async def _write(tx: Tx, batch: Batch, kind: type[Row], event: str, pairs: Sequence[tuple[str, str]]) -> None:
    """The rows and what is heard of them, as `change_person` writes them; nobody new has a walk to be told."""
    cause, now, name = batch.cause, batch.now, WORD_EVENTS[event]
    noted = {"cause": cause.text, "at": cause.at, "recorded_at": now}
    rows = [{"candidate": owner, name: word, **noted, **_expiry(batch, event, word)} for owner, word in pairs]
    await put_all(tx, kind, rows)
    heard = []
    for owner, word in pairs:
        key = f"{event}:{owner}:{word}:{cause.text}:{cause.at.isoformat()}"
        heard.append(
            {
                "id": happening_id(key),
                "dedupe_key": key,
                "kind": event,
                "at": cause.at,
                "recorded_at": now,
                "verdict": "human",
                "candidate": owner,
                "detail": {name: word},
                "evidence": {},
            }
        )
    await put_all(tx, HappeningRow, heard)


def _expiry(batch: Batch, event: str, pool: str) -> Mapping[str, Any]:
    if event != _POOLED:
        return {}
    after = batch.project.pools[pool].expires_after
    return {"expires_at": batch.cause.at + after.roughly() if after else None}
