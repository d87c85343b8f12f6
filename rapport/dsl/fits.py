"""Whether a value fits a schema, and nothing more: thirty times faster than finding out why it does not.

Nearly every file fits, so this is asked first; jsonschema, the authority, is asked about the others only.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any], bool]
Maker: TypeAlias = Callable[["Shapes", Any, Mapping[str, Any]], Check]


class Undecided(Exception):  # a way out, not an error
    """This cannot be told here; the authority is asked."""


class Shapes:
    """Schemas as functions, made once; `follow` finds what a `$ref` names, `pattern` reads a regular expression."""

    def __init__(self, follow: Callable[[str], Any], pattern: Callable[[str], re.Pattern[str]]) -> None:
        """Share the two ways of reading with the authority, so that both mean the same."""
        self.follow, self.pattern = follow, pattern
        self._named: dict[str, Check] = {}

    def check(self, schema: Any) -> Check:
        """The schema as a function; Undecided when it has a keyword that is not known here."""
        if isinstance(schema, bool):
            return lambda _: schema
        checks = list(self._checks(schema))
        if len(checks) == 1:
            return checks[0]

        def all_hold(value: Any) -> bool:
            for check in checks:  # noqa: SIM110  # twice as fast as all() with a generator
                if not check(value):
                    return False
            return True

        return all_hold

    def named(self, reference: str) -> Check:
        """The definition that a `$ref` names, made when it is first needed: definitions may name themselves."""

        def check(value: Any) -> bool:
            known = self._named.get(reference)
            if known is None:
                known = self._named[reference] = self.check(self.follow(reference))
            return known(value)

        return check

    def _checks(self, schema: Mapping[str, Any]) -> Iterator[Check]:
        for keyword, limit in schema.items():
            if keyword in _MAKERS:
                yield _MAKERS[keyword](self, limit, schema)
            elif keyword not in _SAYS_NOTHING and not keyword.startswith("x-"):
                raise Undecided


def _type(_: Shapes, limit: Any, __: Mapping[str, Any]) -> Check:
    kinds = [limit] if isinstance(limit, str) else limit
    allowed = tuple(_IS[kind] for kind in kinds)
    if len(allowed) == 1:
        return allowed[0]
    return lambda value: any(is_one(value) for is_one in allowed)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_IS: Mapping[str, Check] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}


def _enum(_: Shapes, limit: Any, __: Mapping[str, Any]) -> Check:
    if not all(isinstance(allowed, str) for allowed in limit):
        return lambda value: any(_same(allowed, value) for allowed in limit)
    words = frozenset(limit)
    return lambda value: isinstance(value, str) and value in words


def _const(_: Shapes, limit: Any, __: Mapping[str, Any]) -> Check:
    return lambda value: _same(limit, value)


def _same(one: Any, other: Any) -> bool:
    """JSON's equality of plain values: 1 is 1.0, and true is neither."""
    if isinstance(one, dict | list):
        raise Undecided
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _properties(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    checks = {key: shapes.check(schema) for key, schema in limit.items()}

    def check(value: Any) -> bool:
        if isinstance(value, dict):
            for key, inner in value.items():
                known = checks.get(key)
                if known is not None and not known(inner):
                    return False
        return True

    return check


def _pattern_properties(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    # As the authority reads these patterns: without the stricter meaning that `pattern` has with us.
    checks = [(re.compile(pattern), shapes.check(schema)) for pattern, schema in limit.items()]

    def check(value: Any) -> bool:
        found = value.items() if isinstance(value, dict) else ()
        return all(known(inner) for key, inner in found for pattern, known in checks if pattern.search(key) is not None)

    return check


def _additional(shapes: Shapes, limit: Any, schema: Mapping[str, Any]) -> Check:
    if "patternProperties" in schema:
        raise Undecided
    known, check = frozenset(schema.get("properties", ())), shapes.check(limit)
    return lambda value: (
        not isinstance(value, dict) or all(check(inner) for key, inner in value.items() if key not in known)
    )


def _required(_: Shapes, limit: Any, __: Mapping[str, Any]) -> Check:
    keys = tuple(limit)
    return lambda value: not isinstance(value, dict) or all(key in value for key in keys)


def _names(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    check = shapes.check(limit)
    return lambda value: not isinstance(value, dict) or all(map(check, value))


def _items(shapes: Shapes, limit: Any, schema: Mapping[str, Any]) -> Check:
    if "prefixItems" in schema:
        raise Undecided
    check = shapes.check(limit)
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _unique(_: Shapes, limit: Any, __: Mapping[str, Any]) -> Check:
    def check(value: Any) -> bool:
        if not limit or not isinstance(value, list):
            return True
        if not all(isinstance(item, str) for item in value):
            raise Undecided
        return len(set(value)) == len(value)

    return check


def _all_of(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    checks = [shapes.check(schema) for schema in limit]
    return lambda value: all(check(value) for check in checks)


def _any_of(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    checks = [shapes.check(schema) for schema in limit]
    return lambda value: any(check(value) for check in checks)


def _not(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    check = shapes.check(limit)
    return lambda value: not check(value)


def _if(shapes: Shapes, limit: Any, schema: Mapping[str, Any]) -> Check:
    """`if`/`then`; `then` is read here, and an `else` is not part of our schemas."""
    if "else" in schema:
        raise Undecided
    then = shapes.check(schema.get("then", True))
    match limit:
        case {"required": [key], **rest} if not rest:
            return lambda value: not isinstance(value, dict) or key not in value or then(value)
        case _:
            condition = shapes.check(limit)
            return lambda value: not condition(value) or then(value)


def _sized(kind: type[str | list[Any] | dict[str, Any]], at_least: int, at_most: float) -> Check:
    return lambda value: not isinstance(value, kind) or at_least <= len(value) <= at_most


def _between(at_least: float, at_most: float) -> Check:
    return lambda value: not _is_number(value) or at_least <= value <= at_most


def _pattern(shapes: Shapes, limit: Any, _: Mapping[str, Any]) -> Check:
    search = shapes.pattern(limit).search
    return lambda value: not isinstance(value, str) or search(value) is not None


_MAX = float("inf")
_MAKERS: Mapping[str, Maker] = {
    "$ref": lambda shapes, limit, _: shapes.named(limit),
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "required": _required,
    "propertyNames": _names,
    "items": _items,
    "uniqueItems": _unique,
    "allOf": _all_of,
    "anyOf": _any_of,
    "not": _not,
    "if": _if,
    "pattern": _pattern,
    "minLength": lambda _, limit, __: _sized(str, limit, _MAX),
    "maxLength": lambda _, limit, __: _sized(str, 0, limit),
    "minItems": lambda _, limit, __: _sized(list, limit, _MAX),
    "maxItems": lambda _, limit, __: _sized(list, 0, limit),
    "minProperties": lambda _, limit, __: _sized(dict, limit, _MAX),
    "maxProperties": lambda _, limit, __: _sized(dict, 0, limit),
    "minimum": lambda _, limit, __: _between(limit, _MAX),
    "maximum": lambda _, limit, __: _between(-_MAX, limit),
}
# `then` belongs to `if`; all others are for people and editors.
_SAYS_NOTHING = frozenset(
    (
        *("$schema", "$id", "$defs", "$comment", "title", "description", "markdownDescription", "examples", "default"),
        *("errorMessage", "patternErrorMessage", "then", "defaultSnippets", "enumDescriptions"),
        *("markdownEnumDescriptions", "deprecated", "doNotSuggest", "suggestSortText"),
    )
)
