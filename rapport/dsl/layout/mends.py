"""Mends that need no judgment: what else could have been meant is what decides whether there is one."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from rapport.dsl.compose import Route
from rapport.dsl.meant import meant_duration
from rapport.dsl.outline import outline
from rapport.dsl.problem import Edit, Span

# As alike as `sned` and `send`; words that are less alike are only asked about.
_ALIKE = 0.75
_LONGEST = 60
_SIGN = re.compile(r"\s*([-+]?)\s*(.*)", re.DOTALL)


def renamed(span: Span, word: str, among: Iterable[str]) -> Edit | None:
    """Put the one word of the language that is like a misspelled one in its place; None when there are two, or none."""
    names = list(among)
    near = get_close_matches(word.lower(), names, 2, _ALIKE) if len(word) <= _LONGEST else []
    return Edit(span.line, span.column, span.width, near[0]) if len(near) == 1 else None


def respelled(span: Span, text: object, pattern: str) -> Edit | None:
    """Write `7d` as `7 days`, and `-1d` as `-1 day` if it may be negative; None for months."""
    sign, length = _SIGN.fullmatch(str(text)).groups()  # type: ignore[union-attr]  # it fits every text
    meant = f"{sign.strip('+')}{meant_duration(length)}"
    return Edit(span.line, span.column, span.width, meant) if re.search(pattern, meant) else None


def with_id(name: str | None, key: Span, value: Span) -> Edit | None:
    """Give a step an id before its first key; `key` and `value` say where that key, and the step itself, stand."""
    if name is None:
        return None
    in_brackets = (key.line, key.column) != (value.line, value.column)
    after = ", " if in_brackets else "\n" + " " * (key.column - 1)
    return Edit(key.line, key.column, 0, f"id: {name}{after}")


def names_for_steps(tree: Any) -> dict[Route, str]:
    """A name for every step without one, by its route: what it does, with a number where that is taken."""
    placed = list(outline(tree.get("steps") if isinstance(tree, dict) else None))
    taken = {one.step["id"] for one in placed if isinstance(one.step.get("id"), str)}
    names: dict[Route, str] = {}
    used: Counter[str] = Counter()
    for one in placed:
        if "id" in one.step or one.verb is None:
            continue
        name = free = _called("stop" if "stop" in one.step else one.verb, one.step)
        while free in taken:
            used[name] += 1
            free = f"{name}-{used[name] + 1}"
        names[one.route] = free
        taken.add(free)
    return names


def _called(verb: str, step: Mapping[str, Any]) -> str:
    """`welcome` for `send: welcome`, else the verb and what it is about: `wait-7-days`, `tag-add-warm`."""
    about = "" if verb in {"split", "stop"} else " ".join(_words(step[verb]))
    text = about if verb == "send" else f"{verb} {about}"
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:50].strip("-") or verb.replace("_", "-")


def _words(value: Any) -> Iterable[str]:
    """The first thing that an argument says."""
    match value:
        case dict():
            key, inner = next(iter(value.items()), ("", ""))
            yield key.rpartition(".")[2]
            yield from _words(inner)
        case list():
            yield from _words(next(iter(value), ""))
        case _:
            yield str(value)
