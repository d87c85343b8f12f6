"""The JSON Schemas of the language: found, compiled once, and run; every mistake becomes a problem at its token."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from rapport.dsl.compose import Route
from rapport.dsl.loader import Loaded
from rapport.dsl.mistake import Mistake
from rapport.dsl.phrases import Phrases
from rapport.dsl.problem import Problem

KINDS = ("sequence", "test", "project", "change", "event", "role")
# A file with more mistakes than a check shows is not the kind of file that it is taken for.
_MOST_ERRORS = 101


def schema_text(kind: str) -> str:
    """The schema of `sequence`, `test`, `project`, `change`, `event` or `role` files, as JSON."""
    return files("schemas").joinpath(f"{kind}.schema.json").read_text(encoding="utf-8")


@cache
def schema(kind: str) -> dict[str, Any]:
    """The same, read; every `$ref` begins with its file's name."""
    tree: dict[str, Any] = _absolute(json.loads(schema_text(kind)), f"{kind}.schema.json")
    return tree


def schema_problems(loaded: Loaded, kind: str) -> tuple[tuple[Problem, ...], frozenset[Route] | None]:
    """What does not fit the schema, in plain words, and the routes of the values that are wrong.

    The routes are None when there are too many mistakes to look at all of them.
    """
    if loaded.tree is None:
        return (_empty(loaded, kind),), frozenset({()})
    if fits(loaded.tree, kind):
        return (), frozenset()
    errors = islice(_validator(kind).iter_errors(loaded.tree), _MOST_ERRORS)
    mistakes = [_mistake(error) for error in errors]
    routes = frozenset(mistake.route for mistake in mistakes) if len(mistakes) < _MOST_ERRORS else None
    return Phrases(loaded, mistakes).problems(), routes


def fits(tree: Any, kind: str) -> bool:
    """Whether a file fits its schema, told hundreds of times faster than why it does not.

    Nearly every file fits, so this is asked first; jsonschema, whose errors say what a message needs, sees the others.
    """
    try:
        return _quick(kind).is_valid(tree)
    except ValueError:
        # A key that is no text, like `2:`, cannot be written in JSON; the closer look says what is wrong with it.
        return False


def _mistake(error: ValidationError) -> Mistake:
    schema_of_it: Any = error.schema
    return Mistake(
        keyword=str(error.validator),
        limit=error.validator_value,
        schema=schema_of_it,
        instance=error.instance,
        route=tuple(error.absolute_path),
        about_key="propertyNames" in error.absolute_schema_path,
        name=error.message,
    )


def _empty(loaded: Loaded, kind: str) -> Problem:
    message = f"this {kind} file is empty"
    step = f"write {', '.join(schema(kind)['required'])}, or delete the file"
    return loaded.source.problem(loaded.value(()), "empty-file", message, step)


def _absolute(tree: Any, file: str) -> Any:
    if isinstance(tree, list):
        return [_absolute(item, file) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: f"{file}{value}" if key == "$ref" and value.startswith("#") else _absolute(value, file)
        for key, value in tree.items()
    }


@cache
def _definition(reference: str) -> Any:
    file, _, pointer = reference.partition("#/$defs/")
    return schema(file.removesuffix(".schema.json"))["$defs"][pointer]


@cache
def _quick(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(schema_text(kind)), retriever=_retrieve)


def _retrieve(uri: str) -> Any:
    """A schema of ours by the file's name at the end of an address; others are not looked for anywhere."""
    return json.loads(schema_text(uri.rpartition("/")[2].removesuffix(".schema.json")))


@cache
def _validator(kind: str) -> Validator:
    compiled: Validator = _STRICT(schema(kind))
    return compiled


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The pattern as Python reads it: `$` would also match before a last line break."""
    return re.compile(pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern)


def _match_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _pattern(pattern).search(instance):
        yield ValidationError("pattern")


def _follow(validator: Any, reference: str, instance: Any, _: Any) -> Iterator[ValidationError]:
    """Follow a reference by a look-up: ours name a definition of our own files, and nothing else."""
    yield from validator.descend(instance, _definition(reference), resolver=validator._resolver)  # noqa: SLF001  # keeps the library from opening a scope per reference, half of all time


def _require(_: Any, required: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    """One error per missing key, with the key as its message."""
    if isinstance(instance, Mapping):
        yield from (ValidationError(key) for key in required if key not in instance)


def _choose(validator: Any, condition: Any, instance: Any, whole: Mapping[str, Any]) -> Iterator[ValidationError]:
    """`if`/`then`, with a short way for the two conditions that our schemas are full of."""
    match condition:
        case {"required": [key], **rest} if not rest:
            holds = isinstance(instance, dict) and key in instance
        case {"type": str(kind), **rest} if not rest:
            holds = validator.is_type(instance, kind)
        case _:
            holds = validator.evolve(schema=condition).is_valid(instance)
    if holds and "then" in whole:
        yield from validator.descend(instance, whole["then"], schema_path="then", resolver=validator._resolver)  # noqa: SLF001  # as above


_STRICT: Any = extend(  # type: ignore[no-untyped-call]  # the stubs leave it out
    Draft202012Validator,
    {"pattern": _match_pattern, "$ref": _follow, "required": _require, "if": _choose},
)
