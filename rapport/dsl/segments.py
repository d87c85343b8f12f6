"""Segments: pools with a condition, which of them ask about which, and in what order they are decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from math import ceil, floor
from typing import Any

from rapport.dsl.conditions import Condition, Test, fields_of
from rapport.dsl.project import Project

POOLS = "candidate.pools"
SCORE = "candidate.score"
_OF_CANDIDATES = "candidate."
# What else a field rests on: dates are compared in the person's time zone.
_RESTS_ON: Mapping[str, frozenset[str]] = {
    "email_domain": frozenset({"email"}),
    # An address that gets no mail takes its consent along.
    "consent": frozenset({"email"}),
    "joined_on": frozenset({"timezone"}),
    "last_contacted_on": frozenset({"timezone"}),
    "custom": frozenset({"timezone"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment; `reads` are the fields of candidates that its condition rests on, by their bare names.

    `purposes` are those whose consent it asks for, `pools` those whose members it asks for. `marks` are the scores that
    make a difference to it: who is below one of them may belong where who has it does not.
    """

    name: str
    members: Condition
    reads: frozenset[str]
    purposes: frozenset[str]
    pools: frozenset[str]
    marks: frozenset[int] = frozenset()


def segments_of(project: Project) -> tuple[Segment, ...]:
    """The segments of a project, each behind those that its condition asks about."""
    found = {key: _segment(key, pool.members) for key, pool in sorted(project.pools.items()) if pool.members}
    return tuple(found[name] for name in _in_order({name: segment.pools for name, segment in found.items()}))


def circle(asked: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """The shortest way by which a segment asks about itself, from it to it; empty when there is none."""
    ways, seen = [[start]], {start}
    for way in ways:  # it grows while it is read: a breadth-first search
        for target in asked.get(way[-1], ()):
            if target == start:
                return [*way, target]
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def names_in(value: Any) -> tuple[str, ...]:
    """The texts that a test compares with: one, some of a list, or those behind its operators."""
    match value:
        case str():
            return (value,)
        case list() | tuple():
            return tuple(name for item in value for name in names_in(item))
        case Mapping():
            return tuple(name for item in value.values() for name in names_in(item))
        case _:
            return ()


def _segment(name: str, members: Condition) -> Segment:
    read = {field.removeprefix(_OF_CANDIDATES).partition(".")[0] for field in fields_of(members)}
    return Segment(
        name=name,
        members=members,
        reads=frozenset(read).union(*(_RESTS_ON.get(field, frozenset()) for field in read)),
        purposes=frozenset(_compared("candidate.consent", members)),
        pools=frozenset(_compared(POOLS, members)),
        marks=frozenset(_marks(members)),
    )


def _compared(field: str, condition: Condition) -> Iterator[str]:
    """Every text that a field is compared with."""
    if isinstance(condition, Test):
        yield from names_in(condition.value) if condition.field == field else ()
        return
    for item in condition.items:
        yield from _compared(field, item)


def _marks(condition: Condition) -> Iterator[int]:
    """Where a test of the score turns: `at_least 40` and `below 40` at 40, `above 40` and `at_most 40` at 41."""
    if not isinstance(condition, Test):
        for item in condition.items:
            yield from _marks(item)
        return
    values = condition.value if isinstance(condition.value, list | tuple) else [condition.value]
    for value in values if condition.field == SCORE else ():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if condition.operator in ("at_least", "below"):
            yield ceil(value)
        elif condition.operator in ("above", "at_most"):
            yield floor(value) + 1
        else:
            yield from (ceil(value), floor(value) + 1)


def _in_order(asked: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Names behind those that they ask about; by name where they ask in a circle, which the check refuses."""
    graph = {name: sorted(others & asked.keys()) for name, others in asked.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError:
        return tuple(asked)
