"""Segments, kept current: whatever changes a person decides in its own transaction which segments they are in now."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

from rapport.clock import Clock
from rapport.engine.segments import Move, moves, touched
from rapport.store import segments as store
from rapport.store.database import Tx
from rapport.usecases.cause import Cause
from rapport.usecases.hearing import hear
from rapport.usecases.hearing_many import hear_many
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
        decided = {
            name: _decide(watch, known, name, at=_decided_at(clock, name, cause), changed=changed)
            for name in page
            if name in known.people
        }
        taken += await _apply(tx, clock, decided, cause)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What is to be done about one person; nobody hears of what they `forgets`."""

    moves: Sequence[Move] = ()
    forgets: Sequence[str] = ()
    due_before: datetime | None = None
    due: datetime | None = None


def _decide(watch: Watch, known: People, name: str, *, at: datetime, changed: Collection[str] | None) -> _Decided:
    mine = known.belongings.get(name)
    before = mine.due if mine else None
    if not known.counts(name):
        # Who is erased or has become somebody else is in no segment.
        gone = [segment.name for segment in watch.segments if mine and segment.name in mine.pools]
        return _Decided(forgets=gone, due_before=before)
    timed = watch.hangs_on_time(changed)
    if timed and changed is not None and before is not None and before <= at:
        # Time has moved them as well, and nobody has looked yet; the instant is replaced below.
        changed = {*changed, *watch.timed}
    found = moves(touched(watch.segments, changed), known.situation(name, watch.project, at), watch.project)
    due = known.next_end(name, watch, at) if timed else before
    return _Decided(moves=found, due_before=before, due=due)


async def _apply(tx: Tx, clock: Clock, decided: Mapping[str, _Decided], cause: Cause) -> list[Taken]:
    """The first move of everybody, then the second: whom a move starts on something hears of the next."""
    taken: list[Taken] = []
    for place in range(max((len(each.moves) for each in decided.values()), default=0)):
        step = {name: each.moves[place] for name, each in decided.items() if place < len(each.moves)}
        taken += await _move(tx, clock, step, cause)
    await store.leave(tx, [(name, gone) for name, each in decided.items() for gone in each.forgets])
    dues = {name: (each.due_before, each.due) for name, each in decided.items() if each.due_before != each.due}
    await store.note_dues(tx, dues)
    return taken


async def _move(tx: Tx, clock: Clock, step: Mapping[str, Move], cause: Cause) -> Sequence[Taken]:
    """Let people join or leave, one segment each; and let it be heard."""
    joined = [(name, move.segment) for name, move in step.items() if move.joins]
    await store.join(tx, joined, cause=cause.text, at=cause.at, recorded_at=clock.now())
    await store.leave(tx, [(name, move.segment) for name, move in step.items() if not move.joins])
    incoming = [
        Incoming(
            dedupe_key=f"{move.kind}:{name}:{move.segment}:{cause.text}:{cause.at.isoformat()}",
            kind=move.kind,
            candidate=name,
            at=cause.at,
            detail={"pool": move.segment},
            shift=cause.shift,
        )
        for name, move in step.items()
    ]
    heard = await hear_many(tx, clock, incoming) if len(incoming) > 1 else [await hear(tx, clock, incoming[0])]
    return [
        replace(taken, kind=each.kind, detail={"pool": str(each.detail["pool"])})
        for each, taken in zip(incoming, heard, strict=True)
    ]


def _decided_at(clock: Clock, candidate: str, cause: Cause) -> datetime:
    """News that comes late is decided about as of now; a walk with shifted time decides in its time."""
    return cause.at if cause.shift else max(cause.at, clock.walk_time(candidate))
