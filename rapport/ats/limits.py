"""What an answer's headers say of how often we may call."""

import re
from datetime import timedelta

import httpx

from rapport.ats.answers import Throttled, seconds_by_their_clock
from rapport.crm.call_limits import CallLimits, LimitsSaid

_NUMBER = re.compile(r"\d{1,12}")
# A "reset" of so many seconds is an instant since 1970, anything less a length of time.
_AN_INSTANT = 1_000_000_000
# No window of an ATS lasts longer; a longer one is a header of another meaning.
_LONGEST_WINDOW = timedelta(hours=1)


def said_by(answer: httpx.Response, limits: CallLimits, *, prefix: str | None) -> LimitsSaid:
    """The headers below `prefix` (`x-ratelimit`), and the pause that a refusal asks for.

    A refusal without a length means the rest of the window, else what the vendor's limits say.
    """
    headers = answer.headers
    ends_in = _ends_in(headers, f"{prefix}-reset") if prefix else None
    pause = Throttled.pause_of(answer, otherwise=ends_in or limits.pause)
    if prefix is None:
        return LimitsSaid(pause=pause)
    return LimitsSaid(
        size=_number(headers, f"{prefix}-limit"),
        left=_number(headers, f"{prefix}-remaining"),
        ends_in=ends_in,
        pause=pause,
    )


def _number(headers: httpx.Headers, name: str) -> int | None:
    said = headers.get(name, "").strip()
    return int(said) if _NUMBER.fullmatch(said) else None


def _ends_in(headers: httpx.Headers, name: str) -> timedelta | None:
    """Until when, by the clock that the other side shows in the same answer."""
    said = _number(headers, name)
    if said is None:
        return None
    length = timedelta(seconds=said) if said < _AN_INSTANT else seconds_by_their_clock(headers, said)
    return length if length is not None and timedelta(0) <= length <= _LONGEST_WINDOW else None
