"""Changing tags, pools and scores: through one door, so that every change is explained and heard of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import CursorResult, Delete, delete

from rapport.clock import Clock
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.people import PoolMemberRow, ScoreEntryRow, TagRow
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from rapport.usecases.shelf import live_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something about a person changes: a text that is the same when the change is tried again.

    A walk's effect gives `<enrollment>/<step>` with its own walk time and `shift`.
    """

    text: str
    at: datetime
    shift: float = 0.0


async def change_tag(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "remove"], tag: str, cause: Cause
) -> Taken | None:
    """Put a tag on or take it off; what came of it, or None when nothing changed or nobody hears of it."""
    person = await candidates.get(tx, candidate)
    if how == "remove":
        await tx.execute(delete(TagRow).where(TagRow.candidate == person.id, TagRow.tag == tag))
        return None
    row = TagRow(candidate=person.id, tag=tag, cause=cause.text, at=cause.at, recorded_at=clock.now())
    if not await insert_once(tx, row):
        return None
    return await _take_in(tx, clock, candidate, "tagged", {"tag": tag}, cause)


async def change_pool(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "remove"], pool: str, cause: Cause
) -> Taken | None:
    """Put a person into a pool or take them out; what came of it, or None when nothing changed."""
    person = await candidates.get(tx, candidate)
    if how == "remove":
        gone = delete(PoolMemberRow).where(PoolMemberRow.candidate == person.id, PoolMemberRow.pool == pool)
        changed = await _changed(tx, gone)
    else:
        await tx.execute(_lapsed(person.id, pool, cause.at))
        changed = await insert_once(tx, await _member(tx, clock, person.id, pool, cause))
    if not changed:
        return None
    kind = "added_to_pool" if how == "add" else "removed_from_pool"
    return await _take_in(tx, clock, candidate, kind, {"pool": pool}, cause)


async def change_score(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "subtract", "set"], points: int, cause: Cause
) -> Taken | None:
    """Change the score, once per cause; what came of it, or None when it did not rise."""
    await candidates.lock(tx, candidate)
    person = await candidates.get(tx, candidate)
    before = person.score
    after = {"add": before + points, "subtract": before - points, "set": points}[how]
    entry = ScoreEntryRow(
        candidate=person.id, before=before, after=after, cause=cause.text, at=cause.at, recorded_at=clock.now()
    )
    if not await insert_once(tx, entry):
        return None
    person.score = after
    await tx.flush()
    if after <= before:
        return None
    return await _take_in(tx, clock, candidate, "score_reached", {"score": str(after)}, cause)


async def _take_in(tx: Tx, clock: Clock, candidate: str, kind: str, detail: Mapping[str, str], cause: Cause) -> Taken:
    [word] = detail.values()
    incoming = Incoming(
        dedupe_key=f"{kind}:{candidate}:{word}:{cause.text}:{cause.at.isoformat()}",
        kind=kind,
        candidate=candidate,
        at=cause.at,
        detail=detail,
        shift=cause.shift,
    )
    return await take_in(tx, clock, incoming)


async def _member(tx: Tx, clock: Clock, candidate: str, pool: str, cause: Cause) -> PoolMemberRow:
    return PoolMemberRow(
        candidate=candidate,
        pool=pool,
        cause=cause.text,
        at=cause.at,
        recorded_at=clock.now(),
        expires_at=await _expires(tx, pool, cause.at),
    )


async def _changed(tx: Tx, statement: Delete) -> bool:
    result = await tx.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount > 0


def _lapsed(candidate: str, pool: str, at: datetime) -> Delete:
    """A membership that has lapsed is none: who comes back comes in anew."""
    member = PoolMemberRow
    return delete(member).where(member.candidate == candidate, member.pool == pool, member.expires_at <= at)


async def _expires(tx: Tx, pool: str, at: datetime) -> datetime | None:
    definition = (await live_project(tx)).pools.get(pool)
    return at + definition.expires_after.roughly() if definition and definition.expires_after else None
