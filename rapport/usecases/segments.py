"""Segments, kept current: whatever changes a person decides in its own transaction which segments they are in now."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from rapport.clock import Clock
from rapport.engine.segments import Move, moves, touched
from rapport.store import segments as store
from rapport.store.database import Tx
from rapport.store.tables.people import PoolMemberRow
from rapport.usecases.cause import Cause
from rapport.usecases.hearing import hear
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.segment_view import People, Watch, see, watch_of

# SQLite and PostgreSQL take some 32,000 values in a statement, and five parts of one name everybody.
_AT_ONCE = 500
_LATER: Final = "rapport_segments_later"


@dataclass(slots=True)
class _Later:
    """Who is to be decided about at the end of a block: the first cause of each, and the fields that changed."""

    causes: dict[str, Cause] = field(default_factory=dict)
    changed: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def add(self, candidates: Collection[str], cause: Cause, changed: Collection[str] | None) -> None:
        for name in candidates:
            self.causes.setdefault(name, cause)
            before = self.changed.get(name, frozenset())
            self.changed[name] = None if changed is None or before is None else before | frozenset(changed)


async def refresh(
    tx: Tx, clock: Clock, candidates: Collection[str], *, cause: Cause, changed: Collection[str] | None = None
) -> tuple[Taken, ...]:
    """Decide anew in which segments these people are, and take in who joins and who leaves; what came of each.

    `changed` are the fields of candidates that may have changed, by their bare names (`tags`, `city`, `consent`);
    None is any of them. Segments that ask about none of these are not looked at, and without a segment nothing is
    read. Whoever changes a person calls this in the same transaction, behind the change. An unknown id is passed over.
    """
    later: _Later | None = tx.info.get(_LATER)
    if later is not None:
        later.add(candidates, cause, changed)
        return ()
    watch = await watch_of(tx)
    if not touched(watch.segments, changed):
        return ()
    taken: list[Taken] = []
    rest = iter(dict.fromkeys(candidates))
    while page := list(islice(rest, _AT_ONCE)):
        known = await see(tx, watch, page, changed)
        for name in page:
            taken += await _decide(tx, clock, watch, known, name, cause=cause, changed=changed)
    return tuple(taken)


@asynccontextmanager
async def together(tx: Tx, clock: Clock) -> AsyncIterator[list[Taken]]:
    """Decide at the end of the block, once for each person, whatever the block changes about them.

    For doors that change much about one person, or about many: nobody joins and leaves again by a change that is
    half done. What came of it is in the list when the block has ended.
    """
    outer: _Later | None = tx.info.get(_LATER)
    taken: list[Taken] = []
    if outer is not None:
        yield taken
        return
    later = tx.info[_LATER] = _Later()
    try:
        yield taken
    finally:
        del tx.info[_LATER]
    for cause, changed, names in _alike(later):
        taken += await refresh(tx, clock, names, cause=cause, changed=changed)


def _alike(later: _Later) -> Sequence[tuple[Cause, frozenset[str] | None, Sequence[str]]]:
    """Those with the same cause and the same changes, so that they are read together."""
    found: dict[tuple[Cause, frozenset[str] | None], list[str]] = {}
    for name, cause in later.causes.items():
        found.setdefault((cause, later.changed[name]), []).append(name)
    return [(cause, changed, names) for (cause, changed), names in found.items()]


async def _decide(
    tx: Tx, clock: Clock, watch: Watch, known: People, name: str, *, cause: Cause, changed: Collection[str] | None
) -> list[Taken]:
    person = known.people.get(name)
    if person is None:
        return []
    at = _decided_at(clock, name, cause)
    if not known.counts(name):
        await _forget(tx, watch, known, name)
        return []
    before = known.belongings[name].due if name in known.belongings else None
    timed = watch.hangs_on_time(changed)
    if timed and changed is not None and before is not None and before <= at:
        # Time has moved them as well, and nobody has looked yet; the instant is replaced below.
        changed = {*changed, *watch.timed}
    found = moves(touched(watch.segments, changed), known.situation(name, watch.project, at), watch.project)
    taken = [await _move(tx, clock, name, move, cause) for move in found]
    if timed:
        await store.note_due(tx, name, before=before, at=known.next_end(name, watch, at))
    return taken


async def _forget(tx: Tx, watch: Watch, known: People, name: str) -> None:
    """Who is erased or has become somebody else is in no segment, and nobody hears of that."""
    mine = known.belongings.get(name)
    if mine is None:
        return
    for segment in watch.segments:
        if segment.name in mine.pools:
            await store.leave(tx, name, segment.name)
    await store.note_due(tx, name, before=mine.due, at=None)


async def _move(tx: Tx, clock: Clock, candidate: str, move: Move, cause: Cause) -> Taken:
    now = clock.now()
    if move.joins:
        row = PoolMemberRow(candidate=candidate, pool=move.segment, cause=cause.text, at=cause.at, recorded_at=now)
        await store.join(tx, row)
    else:
        await store.leave(tx, candidate, move.segment)
    detail: Mapping[str, str] = {"pool": move.segment}
    incoming = Incoming(
        dedupe_key=f"{move.kind}:{candidate}:{move.segment}:{cause.text}:{cause.at.isoformat()}",
        kind=move.kind,
        candidate=candidate,
        at=cause.at,
        detail=detail,
        shift=cause.shift,
    )
    taken = await hear(tx, clock, incoming)
    return Taken(
        new=taken.new, id=taken.id, deliveries=taken.deliveries, started=taken.started, kind=move.kind, detail=detail
    )


def _decided_at(clock: Clock, candidate: str, cause: Cause) -> datetime:
    """News that comes late is decided about as of now; a walk with shifted time decides in its time."""
    return cause.at if cause.shift else max(cause.at, clock.walk_time(candidate))
