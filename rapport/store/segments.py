"""What deciding about segments needs to read, for many people at once, and what it keeps."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Result, delete, literal, null, select, tuple_, union_all, update

from rapport.store.database import Tx
from rapport.store.once import insert, insert_or_nothing
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.people import PoolMemberRow, TagRow
from rapport.store.tables.segments import SegmentDueRow, SegmentRecountRow


@dataclass(slots=True)
class Belongings:
    """What one person is part of: pools with the end of each membership, tags; `due` is when time may move them.

    `merged` says that the row is empty since it became somebody else's.
    """

    pools: dict[str, datetime | None] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    due: datetime | None = None
    merged: bool = False


async def belongings(tx: Tx, names: Collection[str]) -> Mapping[str, Belongings]:
    """What these people are part of, in one statement."""
    member, tag, due, merge, people = PoolMemberRow, TagRow, SegmentDueRow, MergeRow, list(names)
    found: defaultdict[str, Belongings] = defaultdict(Belongings)
    rows: Result[Any] = await tx.execute(
        union_all(
            # The first names the types of the columns.
            select(member.candidate, literal("pool").label("what"), member.pool.label("word"), member.expires_at).where(
                member.candidate.in_(people)
            ),
            select(tag.candidate, literal("tag"), tag.tag, null()).where(tag.candidate.in_(people)),
            select(due.candidate, literal("due"), literal(""), due.at).where(due.candidate.in_(people)),
            select(merge.gone, literal("merged"), literal(""), null()).where(merge.gone.in_(people)),
        )
    )
    for row in rows:
        _note(found[row.candidate], row.what, row.word, row.expires_at)
    return found


def _note(one: Belongings, what: str, word: str, at: datetime | None) -> None:
    match what:
        case "pool":
            one.pools[word] = at
        case "tag":
            one.tags.append(word)
        case "due":
            one.due = at
        case _:
            one.merged = True


async def join(tx: Tx, pairs: Collection[tuple[str, str]], *, cause: str, at: datetime, recorded_at: datetime) -> None:
    """Let people (candidate, segment) be in a segment, who have no row there or one that lapsed and stays."""
    statement = insert_or_nothing(PoolMemberRow, tx.get_bind().dialect.name)
    rows = [{"candidate": candidate, "pool": segment} for candidate, segment in pairs]
    same = {"cause": cause, "at": at, "recorded_at": recorded_at}
    if rows:
        await tx.execute(statement, [{**row, **same} for row in rows])


async def leave(tx: Tx, pairs: Collection[tuple[str, str]]) -> None:
    """Let people (candidate, segment) be in a segment no more."""
    if pairs:
        these = tuple_(PoolMemberRow.candidate, PoolMemberRow.pool).in_(list(pairs))
        await tx.execute(delete(PoolMemberRow).where(these))


async def note_dues(tx: Tx, dues: Mapping[str, tuple[datetime | None, datetime | None]]) -> None:
    """Note when time may move people next: for each what is noted so far, and what holds from now on."""
    known = [name for name, (before, _) in dues.items() if before is not None]
    if known:
        await tx.execute(delete(SegmentDueRow).where(SegmentDueRow.candidate.in_(known)))
    rows = [{"candidate": name, "at": at} for name, (_, at) in dues.items() if at is not None]
    if rows:
        await tx.execute(insert_or_nothing(SegmentDueRow, tx.get_bind().dialect.name), rows)


async def due(tx: Tx, now: datetime, *, limit: int) -> Mapping[str, datetime]:
    """Whom time may have moved by now, and since when; those first who wait longest."""
    row = SegmentDueRow
    query = select(row.candidate, row.at).where(row.at <= now).order_by(row.at, row.candidate).limit(limit)
    return {candidate: at for candidate, at in await tx.execute(query)}  # noqa: C416  # dict() loses the type


async def recount_under_way(tx: Tx) -> SegmentRecountRow | None:
    """The recount that has not ended, as it is now."""
    row = SegmentRecountRow
    query = select(row).where(row.ended_at.is_(None)).order_by(row.id.desc()).limit(1)
    return await tx.scalar(query.execution_options(populate_existing=True))


async def latest_recounts(tx: Tx, *, limit: int) -> Sequence[SegmentRecountRow]:
    """The latest recounts, the newest first."""
    return (await tx.scalars(select(SegmentRecountRow).order_by(SegmentRecountRow.id.desc()).limit(limit))).all()


async def begin_recount(tx: Tx, meaning: str, *, at: datetime, anybody: bool) -> bool:
    """Let everybody be decided about anew, unless segments mean what they meant before; whether that begins.

    With `anybody` False there is no segment, and it has ended with its beginning.
    """
    [*latest] = await latest_recounts(tx, limit=1)
    if (latest[0].meaning == meaning) if latest else not anybody:
        return False
    others = update(SegmentRecountRow).where(SegmentRecountRow.ended_at.is_(None))
    await tx.execute(others.values(ended_at=at))
    await insert(tx, SegmentRecountRow(meaning=meaning, recorded_at=at, ended_at=None if anybody else at))
    return anybody
