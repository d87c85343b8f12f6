"""The tags, pools and scores of a page of an import: written at once, then heard of person by person."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import delete, tuple_

from rapport.clock import Clock
from rapport.dsl.project import Project
from rapport.store.database import Tx
from rapport.store.many import insert_many
from rapport.store.tables.people import PoolMemberRow, ScoreEntryRow, TagRow
from rapport.usecases.cause import Cause
from rapport.usecases.hearing_many import hear_many
from rapport.usecases.importing.changes import Change
from rapport.usecases.incoming import Incoming

_TAGGED, _POOLED, _SCORED = "tagged", "added_to_pool", "score_reached"
_WORD: Final = {_TAGGED: "tag", _POOLED: "pool", _SCORED: "score"}


async def put_on(tx: Tx, clock: Clock, project: Project, cause: Cause, changes: Sequence[Change]) -> int:
    """Write down who got which tag, pool and score; how many walks begin by it.

    Whatever starts by one of them finds all of them: a row of a list is said at once.
    """
    noted: dict[str, Any] = {"cause": cause.text, "at": cause.at, "recorded_at": clock.now()}
    tags = [{"candidate": each.owner, "tag": tag} for each in changes for tag in each.tags]
    await insert_many(tx, TagRow, tags, noted)
    await _put_into_pools(tx, project, cause, changes, noted)
    scores = [
        {"candidate": each.owner, "after": (points := each.decision.row.person.score), "points": points}
        for each in changes
        if each.is_new and each.decision.row.person.score
    ]
    await insert_many(tx, ScoreEntryRow, scores, {"before": 0, "how": "set", **noted})
    taken = await hear_many(tx, clock, [*_heard(changes, cause)])
    return sum(len(each.started) for each in taken)


async def _put_into_pools(
    tx: Tx, project: Project, cause: Cause, changes: Sequence[Change], noted: dict[str, Any]
) -> None:
    # A membership that has lapsed is none: who comes back comes in anew.
    member = PoolMemberRow
    back = [(each.owner, pool) for each in changes if not each.is_new for pool in each.pools]
    if back:
        lapsed = tuple_(member.candidate, member.pool).in_(back)
        await tx.execute(delete(member).where(lapsed, member.expires_at <= cause.at))
    ends = {
        key: cause.at + pool.expires_after.roughly() if pool.expires_after else None
        for key, pool in project.pools.items()
    }
    rows = [
        {"candidate": each.owner, "pool": pool, "expires_at": ends[pool]} for each in changes for pool in each.pools
    ]
    await insert_many(tx, member, rows, noted)


def _heard(changes: Sequence[Change], cause: Cause) -> Iterator[Incoming]:
    """What happened, as `change_person` tells of it; of a score only that it rose."""
    for each in changes:
        yield from (_incoming(each, _TAGGED, tag, cause) for tag in each.tags)
        yield from (_incoming(each, _POOLED, pool, cause) for pool in each.pools)
        points = each.decision.row.person.score
        if each.is_new and points > 0:
            yield _incoming(each, _SCORED, str(points), cause)


def _incoming(each: Change, kind: str, word: str, cause: Cause) -> Incoming:
    return Incoming(
        dedupe_key=f"{kind}:{each.owner}:{word}:{cause.text}:{cause.at.isoformat()}",
        kind=kind,
        candidate=each.owner,
        at=cause.at,
        detail={_WORD[kind]: word},
    )
