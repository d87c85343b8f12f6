"""Talent pools at a door: how many are in them, who, and putting people in or taking them out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rapport.clock import Clock, shift_of
from rapport.dsl.project import PoolDefinition
from rapport.errors import NotFound, Refused
from rapport.store import pools
from rapport.store.database import Tx
from rapport.store.tables.people import PoolMemberRow
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_pool
from rapport.usecases.incoming import Taken
from rapport.usecases.segment_view import watch_of
from rapport.usecases.shelf import live_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool or segment with the number of its members; `counting` says that a segment is still being counted."""

    name: str
    title: str
    segment: bool
    members: int
    counting: bool = False


async def all_pools(tx: Tx, clock: Clock) -> Sequence[Pool]:
    """Every pool that project.yaml names, by name."""
    counts, counting = await pools.counts(tx, clock.now()), await pools.is_counting(tx)
    return [_pool(found, counts, counting=counting) for _, found in sorted((await live_project(tx)).pools.items())]


async def one_pool(tx: Tx, clock: Clock, name: str) -> Pool:
    """One of them; NotFound for one that project.yaml does not name."""
    found = await named_pool(tx, name)
    return _pool(found, await pools.counts(tx, clock.now(), name), counting=await pools.is_counting(tx))


async def members(tx: Tx, clock: Clock, name: str, *, after: str = "", limit: int = 100) -> Sequence[PoolMemberRow]:
    """Who is in a pool now, by id, behind the id `after`; NotFound for a pool that project.yaml does not name."""
    await named_pool(tx, name)
    return await pools.members(tx, name, clock.now(), after=after, limit=limit)


async def put(
    tx: Tx, clock: Clock, name: str, candidate: str, *, how: Literal["add", "remove"], cause: str
) -> Taken | None:
    """Put somebody in or take them out; what came of it, or None when nothing changed.

    NotFound for a pool that project.yaml does not name; Refused for a segment.
    """
    await named_pool(tx, name)
    await refuse_segment(tx, name)
    at = clock.walk_time(candidate)
    why = Cause(text=cause, at=at, shift=shift_of(clock, candidate))
    return await change_pool(tx, clock, candidate, how=how, pool=name, cause=why)


async def refuse_segment(tx: Tx, name: str) -> None:
    """Refused when people belong to a pool by themselves, so that nobody can be put into it."""
    if (await watch_of(tx)).is_segment(name):
        raise Refused(
            reason="segment",
            message=f"{name} is a segment: people belong to it while its condition holds.",
            hint="Name a pool without `members`, or change what the condition asks about.",
        )


async def named_pool(tx: Tx, name: str) -> PoolDefinition:
    """The pool of project.yaml; NotFound for one that it does not name."""
    found = (await live_project(tx)).pools.get(name)
    if found is None:
        raise NotFound(kind="pool", name=name, hint="Pools are named under `pools` in project.yaml: `rapport pools`.")
    return found


def _pool(found: PoolDefinition, counts: Mapping[str, int], *, counting: bool) -> Pool:
    segment = found.members is not None
    return Pool(
        name=found.key,
        title=found.title,
        segment=segment,
        members=counts.get(found.key, 0),
        counting=segment and counting,
    )
