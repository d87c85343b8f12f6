"""How problems speak: quoting, lists, did-you-mean."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

# Longer words are no misspelled names, and comparing them would take quadratic time.
_LONGEST = 60
_UNITS = {"mi": "minute", "h": "hour", "d": "day", "t": "day", "w": "week", "b": "business day"}
_LIKE_A_DURATION = re.compile(r"\s*(\d{1,5})[\s_-]*([A-Za-z]+)[\s_-]*[A-Za-z]*\s*")


def quoted(value: object) -> str:
    """A value as it stands in a message: in quotes, and cut when it is long."""
    text = str(value)
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return '"' + "".join(char if char.isprintable() else "·" for char in shown) + '"'


def listed(words: Iterable[object], *, most: int = 40) -> str:
    """`a, b, c`; a long list is cut."""
    names = [str(word) for word in words]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def nearest(word: object, among: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    text = str(word)
    if len(text) > _LONGEST:
        return None
    names = list(among)
    folded = {name.lower(): name for name in names}
    near = get_close_matches(text.lower(), folded, 1, 0.6)
    return folded[near[0]] if near else None


def did_you_mean(word: object, among: Iterable[str]) -> str:
    """` — did you mean "send"?`, or nothing when no name is close."""
    near = nearest(word, among)
    return f' — did you mean "{near}"?' if near else ""


def one_of(names: Iterable[str], *, empty: str) -> str:
    """The next step when a name is unknown: `use one of …`; `empty` when there is none to use."""
    known = sorted(names)
    return f"use {'one of ' if len(known) > 1 else ''}{listed(known)}" if known else empty


def spoken(value: Any) -> str:
    """A YAML value in words: `the number 7`, `the text "x"`, `a list`."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"the truth value {str(value).lower()}"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def meant_duration(text: object) -> str | None:
    """`7 days` for `7d`, `7days` and the like; None for months and for what is no length of time."""
    match = _LIKE_A_DURATION.fullmatch(str(text)[:_LONGEST])
    if match is None:
        return None
    count, unit = int(match[1]), match[2].lower()
    name = next((long for short, long in _UNITS.items() if unit.startswith(short)), None)
    return f"{count} {name}{'' if count == 1 else 's'}" if name and count else None
