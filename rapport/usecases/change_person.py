"""Changing tags, pools and scores: through one door, so that every change is explained and heard of.

Nothing changes about an erased person any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import CursorResult, Delete, delete, select

from rapport.clock import Clock
from rapport.crm.score import Change, How, Score
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.people import CandidateRow, PoolMemberRow, ScoreEntryRow, TagRow
from rapport.usecases.cause import Cause
from rapport.usecases.hearing import hear
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import with_moves
from rapport.usecases.profile import note_change
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh
from rapport.usecases.shelf import live_project


async def change_tag(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "remove"], tag: str, cause: Cause
) -> Taken | None:
    """Put a tag on or take it off; what came of it, or None when nothing changed or nobody hears of it."""
    person = await candidates.get(tx, candidate)
    if person.erased_at is not None:
        return None
    if how == "remove":
        gone = await _changed(tx, delete(TagRow).where(TagRow.candidate == person.id, TagRow.tag == tag))
        if not gone:
            return None
        await note_change(tx, clock, person.id, (f"tag {tag} removed",), cause=cause)
        return await _followed(tx, clock, candidate, None, cause, "tags")
    row = TagRow(candidate=person.id, tag=tag, cause=cause.text, at=cause.at, recorded_at=clock.now())
    if not await insert_once(tx, row):
        return None
    taken = await _hear(tx, clock, candidate, "tagged", {"tag": tag}, cause)
    return await _followed(tx, clock, candidate, taken, cause, "tags")


async def change_pool(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "remove"], pool: str, cause: Cause
) -> Taken | None:
    """Put a person into a pool or take them out; what came of it, or None when nothing changed.

    Nothing does for a segment, which people are in by themselves; doors refuse it first.
    """
    person = await candidates.get(tx, candidate)
    if person.erased_at is not None or (await watch_of(tx)).is_segment(pool):
        return None
    await tx.execute(_lapsed(person.id, pool, cause.at))
    if how == "remove":
        gone = delete(PoolMemberRow).where(PoolMemberRow.candidate == person.id, PoolMemberRow.pool == pool)
        changed = await _changed(tx, gone)
    else:
        changed = await insert_once(tx, await _member(tx, clock, person.id, pool, cause))
    if not changed:
        return None
    kind = "added_to_pool" if how == "add" else "removed_from_pool"
    taken = await _hear(tx, clock, candidate, kind, {"pool": pool}, cause)
    return await _followed(tx, clock, candidate, taken, cause, "pools")


async def change_score(
    tx: Tx, clock: Clock, candidate: str, *, how: Literal["add", "subtract", "set"], points: int, cause: Cause
) -> Taken | None:
    """Change the score, once per cause; what came of it, or None when it did not rise and nobody hears of it."""
    await candidates.lock(tx, candidate)
    person = await candidates.get(tx, candidate)
    if person.erased_at is not None:
        return None
    half_life = (await watch_of(tx)).project.half_life
    known, change = Score.of(person), Change(how=how, points=points, at=cause.at)
    score = known.changed(change, half_life, later=await _counted_behind(tx, person, cause.at))
    before, after = known.points_at(score.at or cause.at, half_life), score.points
    entry = ScoreEntryRow(
        candidate=person.id,
        before=before,
        after=after,
        cause=cause.text,
        at=cause.at,
        recorded_at=clock.now(),
        how=how,
        points=points,
    )
    if not await insert_once(tx, entry):
        return None
    person.score, person.score_rest, person.score_at = after, score.rest, score.at
    await tx.flush()
    rose = after > before
    taken = await _hear(tx, clock, candidate, "score_reached", {"score": str(after)}, cause) if rose else None
    return await _followed(tx, clock, candidate, taken, cause, "score")


async def _counted_behind(tx: Tx, person: CandidateRow, at: datetime) -> Sequence[Change]:
    """The changes after an instant that were told earlier; nobody is asked where there can be none."""
    if person.score_at is None or person.score_at <= at:
        return ()
    row = ScoreEntryRow
    found = await tx.scalars(select(row).where(row.candidate == person.id, row.at > at).order_by(row.at, row.id))
    return [_change(each) for each in found]


def _change(row: ScoreEntryRow) -> Change:
    """An entry of before `how` was written down says no more than by how much the number changed."""
    if row.how is None or row.points is None:
        return Change(how="add", points=row.after - row.before, at=row.at)
    return Change(how=cast("How", row.how), points=row.points, at=row.at)


async def _followed(
    tx: Tx, clock: Clock, candidate: str, taken: Taken | None, cause: Cause, field: str
) -> Taken | None:
    """What came of a change, with the segments that the person joined or left by it."""
    moved = await refresh(tx, clock, [candidate], cause=cause, changed={field})
    return with_moves(taken or Taken(new=True, id=""), moved) if moved or taken else None


async def _hear(tx: Tx, clock: Clock, candidate: str, kind: str, detail: Mapping[str, str], cause: Cause) -> Taken:
    [word] = detail.values()
    incoming = Incoming(
        dedupe_key=f"{kind}:{candidate}:{word}:{cause.text}:{cause.at.isoformat()}",
        kind=kind,
        candidate=candidate,
        at=cause.at,
        detail=detail,
        shift=cause.shift,
    )
    return await hear(tx, clock, incoming)


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
    """A membership that has lapsed is none: who comes back comes in anew, and nobody can leave it."""
    member = PoolMemberRow
    return delete(member).where(member.candidate == candidate, member.pool == pool, member.expires_at <= at)


async def _expires(tx: Tx, pool: str, at: datetime) -> datetime | None:
    definition = (await live_project(tx)).pools.get(pool)
    return at + definition.expires_after.roughly() if definition and definition.expires_after else None
