"""Reading what an ATS answers: any shape may come, and only the one that fits is taken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

# Where an ATS does not say when something was: it counts as older than whatever has a date.
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Mapping[str, Any] = {}
# A line of text in an ATS; what is longer is no name.
_LONGEST_TEXT = 2_000


def rows(tree: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list; nothing of what is none."""
    return [row for row in tree if isinstance(row, dict)] if isinstance(tree, list) else []


def part(tree: object, name: str) -> Mapping[str, Any]:
    """An object inside of an object; empty when it is none."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else _NOTHING


def text(tree: Mapping[str, Any], name: str) -> str | None:
    """A text with something in it."""
    found = tree.get(name)
    return _clean(found) or None if isinstance(found, str) else None


def texts(found: object) -> tuple[str, ...]:
    """The texts of a list, each once, in its order."""
    listed = found if isinstance(found, list) else []
    cleaned = [_clean(entry) for entry in listed if isinstance(entry, str)]
    return tuple(dict.fromkeys(entry for entry in cleaned if entry))


def values(found: object) -> tuple[str, ...]:
    """The `value` of each entry of a list: how ATSs list addresses and links."""
    return texts([row.get("value") for row in rows(found)])


def name(tree: Mapping[str, Any], key: str = "id") -> str | None:
    """An id, which may be a number or a text."""
    found = tree.get(key)
    if isinstance(found, bool) or not isinstance(found, int | str):
        return None
    try:
        return _clean(str(found)) or None
    except ValueError:  # a number of thousands of digits
        return None


def _clean(found: str) -> str:
    """Text that a database takes: no half characters, and nothing that ends a text in the middle."""
    return found.encode("utf-8", "ignore").decode("utf-8").replace("\0", "").strip()[:_LONGEST_TEXT]


def moment(tree: Mapping[str, Any], key: str) -> datetime | None:
    """An instant: ISO 8601, or the milliseconds since 1970."""
    found = tree.get(key)
    try:
        if isinstance(found, str):
            read = datetime.fromisoformat(found)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return datetime.fromtimestamp(found / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def latest(*moments: datetime | None) -> datetime | None:
    """The last of those that are known."""
    return max((moment for moment in moments if moment is not None), default=None)


def two_letters(found: str | None) -> str | None:
    """A country's code."""
    code = (found or "").strip().upper()
    return code if len(code) == len("DE") and code.isascii() and code.isalpha() else None


def split_name(whole: str | None) -> tuple[str | None, str | None]:
    """First and last name of an ATS that keeps both in one; the first word is the first name."""
    first, _, last = (whole or "").strip().partition(" ")
    return first or None, last.strip() or None


def by_id(found: Iterable[Mapping[str, Any]], key: str = "id") -> Mapping[str, Mapping[str, Any]]:
    """Rows by their id."""
    return {number: row for row in found if (number := name(row, key)) is not None}
