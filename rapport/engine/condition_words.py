"""Conditions in the marketer's words, for drawings and lists of paths."""

from collections.abc import Sequence
from typing import Any

from rapport.dsl.conditions import Condition, Test

_SAYS = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "above": "is above",
    "below": "is below",
    "include": "includes",
    "exclude": "does not include",
    "before": "is before",
    "after": "is after",
}
_JOINED_BY = {"all": " and ", "any": " or "}


def condition(wanted: Condition) -> str:
    """`candidate.score is at least 40 and candidate.country is DE, AT or NO`."""
    return _say(wanted, inside=False)


def _say(wanted: Condition, *, inside: bool) -> str:
    if isinstance(wanted, Test):
        return _test(wanted)
    if wanted.how == "none":
        return f"none of ({'; '.join(_say(item, inside=False) for item in wanted.items)})"
    said = _JOINED_BY[wanted.how].join(_say(item, inside=True) for item in wanted.items)
    return f"({said})" if inside and len(wanted.items) > 1 else said


def _test(test: Test) -> str:
    if test.operator == "exists":
        return f"{test.field} is {'known' if test.value else 'not known'}"
    return f"{test.field} {_SAYS[test.operator]} {_value(test.value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        *firsts, last = [_value(item) for item in value] or ["nothing"]
        return f"{', '.join(firsts)} or {last}" if firsts else last
    return str(value)
