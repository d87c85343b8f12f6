"""Conditions whose answer is known beforehand: they hold for everybody, or for nobody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapport.dsl.catalogue import Kind
from rapport.dsl.conditions import Condition, Test

# They count from nothing, so that they always have a value.
_NEVER_MISSING = frozenset({"candidate.score", "candidate.id", "enrolled_at"})
_LOWER = frozenset({"at_least", "above", "after"})
_UPPER = frozenset({"at_most", "below", "before"})
_STRICT = frozenset({"above", "below", "after", "before"})
_ONE_VALUE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of everybody who gets to a condition: the kinds of fields, and a purpose that they consent to."""

    kinds: Mapping[str, Kind]
    consents_to: str | None = None


def answer(condition: Condition, known: Known) -> bool | None:
    """Whether it holds for everybody (True), for nobody (False), or for some (None)."""
    if isinstance(condition, Test):
        return _of_test(condition, known)
    answers = [answer(item, known) for item in condition.items]
    match condition.how:
        case "all":
            return False if _contradict(_all_tests(condition), known) else _all(answers)
        case "any":
            return _opposite(_all(map(_opposite, answers)))
        case _:
            return _all(map(_opposite, answers))


def _of_test(test: Test, known: Known) -> bool | None:
    if test.operator == "exists" and test.field in _NEVER_MISSING:
        return bool(test.value)
    if test.field == "candidate.consent" and known.consents_to is not None:
        return True if known.consents_to in _listed(test.value) else None
    return None


def _all(answers: Iterable[bool | None]) -> bool | None:
    """What holds when everything must hold."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True


def _opposite(of: bool | None) -> bool | None:  # noqa: FBT001  # it is the value that is turned round
    return None if of is None else not of


def _all_tests(condition: Condition) -> Iterator[Test]:
    """The tests that must all hold, those in an `all` inside an `all` included."""
    if isinstance(condition, Test):
        yield condition
    elif condition.how == "all":
        for item in condition.items:
            yield from _all_tests(item)


def _contradict(tests: Iterable[Test], known: Known) -> bool:
    """Whether no value of some field passes all of its tests."""
    by_field: dict[str, list[Test]] = {}
    for test in tests:
        if known.kinds.get(test.field) in _ONE_VALUE:
            by_field.setdefault(test.field, []).append(test)
    return any(_none_passes(group) for group in by_field.values() if len(group) > 1)


def _none_passes(tests: list[Test]) -> bool:
    """Whether tests of one field leave no value; a missing value passes none but `exists: false`."""
    if any(test.operator == "exists" and test.value is False for test in tests):
        return any(test.operator != "exists" or test.value is True for test in tests)
    if len({isinstance(value, str) for test in tests for value in _listed(test.value)}) > 1:
        return False  # a wrong type, which is told elsewhere
    lower = max((test for test in tests if test.operator in _LOWER), key=_strength, default=None)
    upper = min((test for test in tests if test.operator in _UPPER), key=_strength, default=None)
    if not _leaves_room(lower, upper):
        return True
    sets = [set(_listed(test.value)) for test in tests if test.operator == "is"]
    refused = {value for test in tests if test.operator == "is_not" for value in _listed(test.value)}
    wanted = set.intersection(*sets) - refused if sets else {None}
    return not any(value is None or _lies_between(value, lower, upper) for value in wanted)


def _strength(bound: Test) -> tuple[Any, bool]:
    """The order of bounds: of two lower ones the greater is stronger, of two upper ones the lesser."""
    return _comparable(bound.value), bound.operator in {"above", "after", "at_most"}


def _lies_between(value: Any, lower: Test | None, upper: Test | None) -> bool:
    exactly = [Test("", operator, value) for operator in ("at_least", "at_most")]
    return _leaves_room(lower, exactly[1]) and _leaves_room(exactly[0], upper)


def _leaves_room(lower: Test | None, upper: Test | None) -> bool:
    """Whether something lies between two bounds; dates are compared by their day."""
    if lower is None or upper is None:
        return True
    low, high = _comparable(lower.value), _comparable(upper.value)
    is_strict = not {lower.operator, upper.operator}.isdisjoint(_STRICT)
    return bool(low < high or (low == high and not is_strict))


def _comparable(value: Any) -> Any:
    return value[:10] if isinstance(value, str) else value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
