"""Lists that an ATS seldom changes: kept for some minutes, so that each application costs no call of its own."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from rapport.clock import Clock

T = TypeVar("T")

# A reason, a stage, a colleague or a job that was added just now is known after this.
FRESH_FOR = timedelta(minutes=10)


class Kept(Generic[T]):
    """One answer, asked for again once it is old."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock) -> None:
        """Ask for nothing yet."""
        self._ask, self._clock = ask, clock
        self._value: T | None = None
        self._at: datetime | None = None

    async def get(self, *, anew: bool = False) -> T:
        """The answer; `anew` asks again."""
        now = self._clock.now()
        if self._value is None or anew or self._at is None or not timedelta(0) <= now - self._at < FRESH_FOR:
            self._value, self._at = await self._ask(), now
        return self._value
