"""The stage's clock: real time for the machinery, and for every person the time of their walks."""

from datetime import datetime, timedelta

from rapport.clock import SystemClock


class StageClock(SystemClock):
    """Tells the doors what time it is in a person's walks; whoever has not come on yet is at the beginning."""

    def __init__(self, beginning: datetime) -> None:
        self._beginning = beginning
        self._times: dict[str, datetime] = {}

    def set(self, candidate: str, at: datetime) -> None:
        """It is `at` for this person now."""
        self._times[candidate] = at

    def walk_time(self, candidate: str) -> datetime:
        """The time in this candidate's walks."""
        return self._times.get(candidate, self._beginning)

    def shift(self, enrolled_at: datetime) -> timedelta:
        """How far the time of a walk that begins now is from real time."""
        return enrolled_at - self.now()
