"""Two lists beside each other: what is the same in one row, so that one missing item moves no other out of place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison; an empty side has nothing beside the other."""

    holds: bool
    expected: str
    got: str


def side_by_side(
    expected: Sequence[One], got: Sequence[Other], same: Callable[[One, Other], bool]
) -> Iterator[tuple[One | None, Other | None]]:
    """Every item of both lists, in order; between two rows that are the same, what differs stands together."""
    first, second = 0, 0
    for one, other in [*_in_common(expected, got, same), (len(expected), len(got))]:
        for row in range(max(one - first, other - second)):
            left, right = first + row, second + row
            yield (expected[left] if left < one else None), (got[right] if right < other else None)
        if one < len(expected):
            yield expected[one], got[other]
        first, second = one + 1, other + 1


def _in_common(
    expected: Sequence[One], got: Sequence[Other], same: Callable[[One, Other], bool]
) -> list[tuple[int, int]]:
    """The places of as many pairs as possible that are the same, in the order of both lists."""
    best: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for one in range(len(expected), -1, -1):
        for other in range(len(got), -1, -1):
            if one == len(expected) or other == len(got):
                best[one, other] = []
            elif same(expected[one], got[other]):
                best[one, other] = [(one, other), *best[one + 1, other + 1]]
            else:
                best[one, other] = max(best[one + 1, other], best[one, other + 1], key=len)
    return best[0, 0]
