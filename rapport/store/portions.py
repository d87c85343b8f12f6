"""A long list in portions, each of which one statement can ask about."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

Thing = TypeVar("Thing")
# SQLite and PostgreSQL take some 32,000 values in a statement, and one thing may have several.
_AT_ONCE: Final = 2_000


def portions(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    """All of them in their order, some thousand at a time; none of an empty list."""
    return (things[start : start + _AT_ONCE] for start in range(0, len(things), _AT_ONCE))
