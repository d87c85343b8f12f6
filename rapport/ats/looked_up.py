"""Single records that many others refer to, such as a recruiter or a job: each asked for once in a while."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from rapport.ats.kept import FRESH_FOR
from rapport.clock import Clock

# An organization has fewer recruiters and open jobs; more would only mean that old ones are asked for again.
_MOST = 1_000
_NOTHING: Mapping[str, Any] = {}


class LookedUp:
    """Records by id; one that does not exist is empty."""

    def __init__(self, ask: Callable[[str], Awaitable[Mapping[str, Any] | None]], clock: Clock) -> None:
        """Ask for nothing yet."""
        self._ask, self._clock = ask, clock
        self._known: dict[str, tuple[datetime, Mapping[str, Any]]] = {}

    async def get(self, number: str | None) -> Mapping[str, Any]:
        """The record of an id; empty for none."""
        if number is None:
            return _NOTHING
        now = self._clock.now()
        at, found = self._known.get(number, (None, _NOTHING))
        if at is None or not timedelta(0) <= now - at < FRESH_FOR:
            found = await self._ask(number) or _NOTHING
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[number] = now, found
        return found
