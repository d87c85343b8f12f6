"""What an HTTP answer means for a step: done, later, never, or wrongly set up."""

from datetime import timedelta
from typing import Any

import httpx

from rapport.errors import BadInput, ConfigurationError, NotFound, RapportError, TemporaryFailure

NO_SUCH = 404
_THROTTLED = 429
_REDIRECTS = range(300, 400)
_OUR_LOGIN = (401, 403, 407)
# Too early, a timeout or a conflict of the other side: the same call may work in a minute.
_LATER = (408, 409, 423, 425, _THROTTLED)
_THEIR_FAULT = 500
# A pause without a length in seconds; a date in Retry-After would need the other side's clock.
_SOME_PAUSE = timedelta(seconds=60)


class Throttled(TemporaryFailure):
    """The other side asks for a pause; `pause` says how long."""

    def __init__(self, *, who: str, pause: timedelta) -> None:
        """Say how long they ask us to wait."""
        self.pause = pause
        super().__init__(f"{who} asks for a pause of {pause.total_seconds():.0f} s.", hint="It is tried again.")

    @staticmethod
    def pause_of(answer: httpx.Response) -> timedelta | None:
        """How long the other side asks us to wait; None when it does not."""
        if answer.status_code != _THROTTLED:
            return None
        said = answer.headers.get("retry-after", "")
        return timedelta(seconds=int(said)) if said.isascii() and said.isdigit() else _SOME_PAUSE


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
