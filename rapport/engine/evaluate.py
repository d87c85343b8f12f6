"""Whether a condition holds. A missing value makes a test false, whatever the operator; so does a wrong type."""

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from rapport.dsl.conditions import Condition, Test, fields_of
from rapport.dsl.project import Project
from rapport.engine.fields import MISSING, Missing, day_of, look_up
from rapport.engine.situation import Situation

_NUMBERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}
_DAYS: Mapping[str, Callable[[date, date], bool]] = {"before": operator.lt, "after": operator.gt}


def holds(condition: Condition, situation: Situation, project: Project) -> bool:
    """Whether the condition holds; dates are compared by their day in the candidate's time zone."""
    if isinstance(condition, Test):
        return _passes(condition, situation, project)
    results = (holds(item, situation, project) for item in condition.items)
    match condition.how:
        case "all":
            return all(results)
        case "any":
            return any(results)
        case _:
            return not any(results)


def what_was_read(condition: Condition, situation: Situation) -> dict[str, Any]:
    """Every field of the condition with its value as plain JSON, for `why`; None is missing."""
    return {field: _plain(look_up(field, situation)) for field in sorted(fields_of(condition))}


def _passes(test: Test, situation: Situation, project: Project) -> bool:
    found = look_up(test.field, situation)
    if test.operator == "exists":
        return (found is not MISSING) is test.value
    if found is MISSING:
        return False
    if test.operator in _NUMBERS:
        return _is_number(found) and _is_number(test.value) and _NUMBERS[test.operator](found, test.value)
    day = day_of(test.field, situation, project)
    if test.operator in _DAYS:
        wanted = _written_day(test.value)
        return day is not None and wanted is not None and _DAYS[test.operator](day, wanted)
    return _compares(test, found, day)


def _compares(test: Test, found: Any, day: date | None) -> bool:
    """Equality, where a list on either side means any of its values; dates are equal by their day."""
    have, want = _as_list(found), _as_list(test.value)
    wanted_days = [_written_day(value) for value in want]
    if day is not None and None not in wanted_days:
        have, want = [day], wanted_days
    pairs = [(left, right) for left in have for right in want if _alike(left, right)]
    hit = any(left == right for left, right in pairs)
    match test.operator:
        case "is" | "include":
            return hit
        case "is_not" | "exclude":
            return not hit and (bool(pairs) or not have or not want)
        case _:
            return False


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _alike(left: Any, right: Any) -> bool:
    """Whether two values can be equal at all: `1` is neither `true` nor the text "1"."""
    if _is_number(left):
        return _is_number(right)
    return isinstance(left, bool | str | date) and type(left) is type(right)


def _written_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> Any:
    match value:
        case Missing():
            return None
        case date():
            return value.isoformat()
        case str() | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return str(value)
