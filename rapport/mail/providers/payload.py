"""Reading providers' JSON so that nothing in it can raise: types that do not fit count as missing."""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rapport.crm.visit_verdict import network_of
from rapport.mail.providers.event import EventKind, ProviderName
from rapport.mail.providers.proof import refused

_LONGEST = 2_000  # a URL as browsers take it; a server's words are shorter
_ID = re.compile(r"[\x21-\x7e]{1,150}")
_MESSAGE_ID = re.compile(r"[^<>\s@]{1,200}@[^<>\s@]{1,200}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.: -]{0,59}")


def parsed(provider: ProviderName, body: bytes | str) -> Any:
    """The body as JSON; CallRefused when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # a nesting of thousands is no event
        raise refused(provider, "unreadable") from None


def mapping(tree: object, *path: str) -> Mapping[str, Any]:
    """The object at a path; an empty one when there is none."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, Mapping) else None
    return tree if isinstance(tree, Mapping) else {}


def listed(tree: object, *path: str) -> Sequence[Any]:
    """The list at a path; an empty one when there is none."""
    *above, last = path
    found = mapping(tree, *above).get(last)
    return found if isinstance(found, list) else ()


def text(tree: object, *path: str) -> str:
    """The text or number at a path, fit for any database; empty when there is none."""
    *above, last = path
    found = mapping(tree, *above).get(last)
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return ""
    try:
        return clean(str(found))
    except ValueError:  # an integer of thousands of digits
        return ""


def clean(told: str) -> str:
    """Drop what no database takes, and what nobody needs."""
    return told[:_LONGEST].replace("\0", "").encode("utf-8", "replace").decode()


def word(told: str) -> str:
    """A provider's name of an event, safe to show; `unknown` for what is no name."""
    return told if _WORD.fullmatch(told) else "unknown"


def instant(value: object) -> datetime | None:
    """Read seconds since 1970 or an ISO time, in UTC without a zone; None for anything else."""
    try:
        if isinstance(value, str):
            return _of_iso(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _of_iso(value: str) -> datetime:
    if value.replace(".", "", 1).isdecimal():
        return datetime.fromtimestamp(float(value), UTC)
    at = datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def network(told: str, kind: EventKind) -> str:
    """The network of whoever opened or clicked; of all other events, the address is that of a mail server."""
    return network_of(told) if kind in ("opened", "clicked") else ""


def event_id(told: str, *parts: object) -> str:
    """The provider's own id; where it has none, one made of what makes the event the same when it is told again."""
    if _ID.fullmatch(told):
        return told
    said = "\n".join([told, *(str(part) for part in parts)])
    # A hash, since the parts may hold an address.
    return f"made-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:40]}"


def message_ids(*told: str) -> tuple[str, ...]:
    """Message-IDs as we store them, in angle brackets; whatever is none is left out."""
    bare = (one.strip().removeprefix("<").removesuffix(">") for one in told)
    return tuple(dict.fromkeys(f"<{one}>" for one in bare if _MESSAGE_ID.fullmatch(one)))
