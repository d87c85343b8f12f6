"""Who belongs to which segment: the one rule that the store, tests and simulations share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rapport.crm.lifecycle import MOVING
from rapport.dsl.project import Project
from rapport.dsl.segments import Segment, segments_of
from rapport.engine.evaluate import holds
from rapport.engine.situation import Situation

_POOLS = "pools"
_CONSENT, _STAGE, _NOTHING = frozenset({"consent"}), frozenset({"stage"}), frozenset[str]()
# What a happening changes about the person it happens to, of the fields that a segment may ask about. Who is erased has
# left everything already.
_CHANGES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("unsubscribed", "consent_withdrawn", "complained", "bounced", "consent_given"), _CONSENT),
    **dict.fromkeys(MOVING, _STAGE),
    "tagged": frozenset({"tags"}),
    **dict.fromkeys(("added_to_pool", "removed_from_pool"), frozenset({"pools"})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A person joins a segment, or leaves it."""

    segment: str
    joins: bool

    @property
    def kind(self) -> str:
        """The event that it is."""
        return "added_to_pool" if self.joins else "removed_from_pool"


def changed_by(kind: str) -> frozenset[str]:
    """The fields that something of this kind may change about a person, as far as segments ask about them."""
    return _CHANGES.get(kind, _NOTHING)


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
    now = replace(known, candidate={**known.candidate, _POOLS: pools})
    for segment in segments:
        belongs = holds(segment.members, now, project)
        if belongs is (segment.name in pools):
            continue
        pools = [*pools, segment.name] if belongs else [name for name in pools if name != segment.name]
        now = replace(known, candidate={**known.candidate, _POOLS: pools})
        found.append(Move(segment=segment.name, joins=belongs))
    return tuple(found)


def with_segments(
    candidate: Mapping[str, Any], consents: Mapping[str, datetime | None], project: Project, at: datetime
) -> dict[str, Any]:
    """A made-up person with the segments that they are in at `at`, whatever segments were written down for them."""
    segments = segments_of(project)
    if not segments:
        return dict(candidate)
    names = {segment.name for segment in segments}
    pools = [pool for pool in candidate.get(_POOLS) or () if pool not in names]
    known = Situation(at=at, purpose="", enrolled_at=at, candidate={**candidate, _POOLS: pools}, consents=consents)
    joined = [move.segment for move in moves(segments, known, project)]
    return {**candidate, _POOLS: [*pools, *joined]} if joined or _POOLS in candidate else dict(candidate)
