"""How problems and reports speak: quoting, numbers, lists, did-you-mean."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from rapport.dsl.meant import other_word

# Longer words are no misspelled names, and comparing them would take quadratic time.
_LONGEST = 60


def quoted(value: object) -> str:
    """A value as it stands in a message: in quotes, and cut when it is long."""
    text = str(value)
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return '"' + "".join(char if char.isprintable() else "·" for char in shown) + '"'


def counted(number: int, noun: str) -> str:
    """`1 mail`, `2 mails`: a number with what it counts, where the plural ends in s."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


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
    if said := next((name for name in other_word(text) if name in names), None):
        return said
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
