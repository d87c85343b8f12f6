"""What an HTTP answer means for a step: done, later, never, or wrongly set up."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from rapport.errors import BadInput, ConfigurationError, NotFound, RapportError, TemporaryFailure

NO_SUCH = 404
EXPIRED = 401
_THROTTLED = 429
_UNAVAILABLE = 503
_REDIRECTS = range(300, 400)
_OUR_LOGIN = (401, 403, 407)
# Too early, a timeout or a conflict of the other side: the same call may work in a minute.
_LATER = (408, 409, 423, 425, _THROTTLED)
_THEIR_FAULT = 500
# What a 429 asks for that does not say how long.
SOME_PAUSE = timedelta(seconds=60)
# A year: longer than any patience, and far from where dates end.
_LONGEST_SECONDS = 366 * 24 * 3600


class Throttled(TemporaryFailure):
    """The other side asks for a pause; `pause` says how long."""

    def __init__(self, *, who: str, pause: timedelta) -> None:
        """Say how long they ask us to wait."""
        asked = f"{who} asks for a pause of {pause.total_seconds():.0f} s."
        super().__init__(asked, hint="It is tried again.", pause=pause)

    @staticmethod
    def pause_of(answer: httpx.Response, *, otherwise: timedelta = SOME_PAUSE) -> timedelta | None:
        """How long the other side asks us to wait (RFC 9110, 10.2.3); None when it does not.

        `otherwise` is for a 429 that does not say how long.
        """
        if answer.status_code not in (_THROTTLED, _UNAVAILABLE):
            return None
        pause = _said(answer.headers)
        return otherwise if pause is None and answer.status_code == _THROTTLED else pause


def checked(answer: httpx.Response, *, who: str) -> httpx.Response:
    """Hand back a good answer; any other becomes TemporaryFailure or the RapportError that says what to do.

    Their words are left out: they may repeat what we sent, and that may be about a person.
    """
    if answer.is_success:
        return answer
    raise _failure(answer, who)


def json_of(answer: httpx.Response, *, who: str) -> Any:
    """The answer's JSON; TemporaryFailure for anything else, such as a gateway's error page."""
    try:
        return answer.json()
    except ValueError as error:
        raise TemporaryFailure(f"{who} answers with something else than JSON.", hint="Look at its address.") from error


def seconds_by_their_clock(headers: httpx.Headers, instant: int) -> timedelta | None:
    """How far an instant (seconds since 1970) is from the `Date` of the same answer; None without a usable one."""
    try:
        return timedelta(seconds=instant - parsedate_to_datetime(headers.get("date", "")).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _said(headers: httpx.Headers) -> timedelta | None:
    """Seconds, or a date by the clock that the other side shows in the same answer: ours may go differently."""
    said = headers.get("retry-after", "")
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said), _LONGEST_SECONDS))
    try:
        pause = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(pause, timedelta(0))


def _failure(answer: httpx.Response, who: str) -> RapportError:
    code = answer.status_code
    pause = Throttled.pause_of(answer)
    if pause is not None:
        return Throttled(who=who, pause=pause)
    if code in _LATER or code >= _THEIR_FAULT:
        return TemporaryFailure(f"{who} answers {code}.", hint="It is tried again; look at its status page.")
    if code in _OUR_LOGIN:
        return ConfigurationError(f"{who} refuses our credentials ({code}).", hint="Look at them and their rights.")
    if code in _REDIRECTS:
        return ConfigurationError(f"{who} is somewhere else now ({code}).", hint="Write its final address.")
    if code == NO_SUCH:
        return NotFound(kind="record at the other side", name=who, hint="Look whether the person is known there.")
    return BadInput(place=who, message=f"it refuses the call ({code})", hint="Look at what the step hands over.")
