"""A schema's error as data, and what can be said about it without looking at the others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.dsl.build import VERBS
from rapport.dsl.compose import Route
from rapport.dsl.events import KINDS, WORD_EVENTS
from rapport.dsl.meant import meant_condition, shown_as_key
from rapport.dsl.wording import listed

# What is no text without quotes.
_UNQUOTED = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|true|false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A schema error: which keyword of which schema refused what, and where; `name` is the key that is missing."""

    keyword: str
    limit: Any
    schema: Mapping[str, Any]
    instance: Any
    route: Route
    about_key: bool = False
    name: str = ""


def rule_of(mistake: Mistake, otherwise: str = "bad-value") -> str:
    """The rule that the schema names for it."""
    return str(mistake.schema.get("x-rule", otherwise))


def extra_keys(mistake: Mistake) -> list[str]:
    """The keys that the schema does not know."""
    return [key for key in mistake.instance if key not in mistake.schema.get("properties", {})]


def verbs_of(step: Mapping[str, Any]) -> list[str]:
    """The verbs of a step; the `if` beside a `stop` is none."""
    return [key for key in step if key in VERBS and not (key == "if" and "stop" in step)]


def keys_beside(mistake: Mistake, allowed: Sequence[str]) -> Sequence[str]:
    """The keys that a mapping may have; for a step, those of its verb."""
    kinds = [kind["then"] for kind in mistake.schema.get("allOf", ()) if "x-verb" in kind.get("then", {})]
    beside = {kind["x-verb"]: kind["properties"] for kind in kinds}
    verbs = [verb for verb in beside if verb in mistake.instance]
    return list(beside[verbs[0]]) if verbs else allowed


def owner_of(route: Route, noun: str | None) -> str:
    """What a mapping is called in a message: `a step`, or the key that it stands under."""
    if noun:
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    names = [part for part in route if isinstance(part, str)]
    return f'"{names[-1]}"' if names else "this file"


def wanted(mistake: Mistake) -> str:
    """What should stand in the place of a value of the wrong type."""
    schema, value = mistake.schema, mistake.instance
    if says := _instead(mistake) or schema.get("errorMessage") or schema.get("patternErrorMessage"):
        return str(says)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = {
        "object": _keys_with_values(schema, value),
        "array": "a list like `[a, b]`",
        "string": "a text; put it in quotes if it looks like a number",
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
    }
    bare = ", without quotes" if isinstance(value, str) and _UNQUOTED.fullmatch(value) and "string" not in kinds else ""
    return "write " + ", or ".join(words[kind] for kind in kinds) + bare


def _keys_with_values(schema: Mapping[str, Any], value: Any) -> str:
    """A mapping as an example: `{share: …, do: …}`; where only one key may stand, each of them."""
    keys = list(schema.get("properties", {}))
    if not keys:
        return "a mapping like `{key: value}`"
    if schema.get("maxProperties") == 1:
        return listed((f"`{shown_as_key(key, value)}`" for key in keys[:6]), most=5).replace(", ", " or ")
    return f"keys, like `{{{', '.join(f'{key}: …' for key in keys[:6])}}}`"


def _instead(mistake: Mistake) -> str | None:
    """What to write for a value that says something, only in another shape."""
    schema, value = mistake.schema, mistake.instance
    if schema.get("x-noun") == "step" and isinstance(value, str):
        return f"write `{{id: …, {value}: …}}`" if value in VERBS else None
    if isinstance(value, str) and value in KINDS and "event" in schema.get("errorMessage", ""):
        return f"write `{{{value}: any}}`" if value not in WORD_EVENTS else f"write `{{{value}: …}}`"
    if isinstance(value, str) and "object" in schema.get("type", ()) and (condition := meant_condition(value)):
        return f"write `{condition}`"
    if isinstance(value, dict) and rule_of(mistake) == "bad-name":
        inner = next((key for key in value if key in VERBS), None)
        return f"write `{inner}` as a step of its own" if inner else "write a name, like `book-a-call`"
    return "write a name, like `book-a-call`" if value is None and rule_of(mistake) == "bad-name" else None
