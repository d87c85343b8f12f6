"""How long a mail server asks us to wait: servers say it in prose, each in its own."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_ASKS = re.compile(r"again|retry|back|greylist|graylist|later|wait|defer", re.IGNORECASE)
# `in 300 seconds`, `for 5 minutes`, `after 1 hour`, `in 4 min and 58 s`.
_SPAN = re.compile(r"(?<![\w.:])(\d{1,5}) ?(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b", re.IGNORECASE)
# `come back in 00:05:00`, as milter-greylist says it.
_WATCH = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2}):(\d{2})(?![\d:])")
_LONGEST_TEXT = 1_000
# Nobody means more by "try again later"; what does is a text about something else.
_LONGEST = timedelta(days=7)


def pause_in(text: str) -> timedelta | None:
    """The length of time after which the server wants to see us again; None when it names none."""
    said = text[:_LONGEST_TEXT]
    if _ASKS.search(said) is None:
        return None
    pause = _by_watch(said) or _by_words(said)
    return pause if pause and pause <= _LONGEST else None


def _by_watch(said: str) -> timedelta | None:
    found = _WATCH.search(said)
    if found is None:
        return None
    hours, minutes, seconds = map(int, found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _by_words(said: str) -> timedelta:
    spans = (timedelta(**{_UNITS[unit[0].lower()]: int(number)}) for number, unit in _SPAN.findall(said))
    return sum(spans, timedelta(0))
