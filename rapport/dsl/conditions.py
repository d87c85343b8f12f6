"""Structured conditions: a mapping of `field: test`, and `all`, `any`, `none` for the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

OPERATORS = ("is_not", "at_least", "at_most", "above", "below", "include", "exclude", "before", "after", "exists")
GROUPS = ("all", "any", "none")


@dataclass(frozen=True, slots=True)
class Test:
    """One field against one value; `operator` is `is` for a plain value."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions: `all` of them, `any` of them or `none` of them."""

    how: str
    items: tuple["Condition", ...]


Condition: TypeAlias = Test | Group


def read_condition(tree: Mapping[str, Any]) -> Condition:
    """Turn a checked YAML mapping into a condition; every entry of the mapping must hold."""
    items = tuple(item for key, value in tree.items() for item in _entry(key, value))
    return items[0] if len(items) == 1 else Group("all", items)


def _entry(key: str, value: Any) -> Sequence[Condition]:
    if key in GROUPS:
        return [Group(key, tuple(read_condition(item) for item in value))]
    if isinstance(value, Mapping):
        return [Test(key, operator, operand) for operator, operand in value.items()]
    return [Test(key, "is", value)]


def fields_of(condition: Condition) -> frozenset[str]:
    """Every field that the condition reads."""
    if isinstance(condition, Test):
        return frozenset({condition.field})
    return frozenset().union(*(fields_of(item) for item in condition.items))
