"""Who belongs to which segment: the one rule that the store, tests and simulations share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rapport.dsl.project import Project
from rapport.dsl.segments import Segment
from rapport.engine.evaluate import holds
from rapport.engine.situation import Situation

_POOLS = "pools"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A person joins a segment, or leaves it."""

    segment: str
    joins: bool

    @property
    def kind(self) -> str:
        """The event that it is."""
        return "added_to_pool" if self.joins else "removed_from_pool"


def touched(segments: Sequence[Segment], changed: Collection[str] | None) -> tuple[Segment, ...]:
    """The segments that these fields can move somebody into or out of; `changed` None is any field.

    A segment that asks about another one moves with it.
    """
    if changed is None:
        return tuple(segments)
    found: list[Segment] = []
    for segment in segments:
        if not segment.reads.isdisjoint(changed) or not segment.pools.isdisjoint(other.name for other in found):
            found.append(segment)
    return tuple(found)


def moves(segments: Sequence[Segment], known: Situation, project: Project) -> tuple[Move, ...]:
    """What has to change about the segments that the person is in, in the order in which it happens.

    `segments` are in the order of `segments_of`, so that one look at each is enough.
    """
    pools = list(known.candidate.get(_POOLS) or ())
    found: list[Move] = []
    for segment in segments:
        now = replace(known, candidate={**known.candidate, _POOLS: pools})
        belongs = holds(segment.members, now, project)
        if belongs is (segment.name in pools):
            continue
        pools = [*pools, segment.name] if belongs else [name for name in pools if name != segment.name]
        found.append(Move(segment=segment.name, joins=belongs))
    return tuple(found)
