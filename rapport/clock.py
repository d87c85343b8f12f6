"""The one place that asks the system clock; everything else is told the time."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time to whoever stands outside a walk: doors, intake, policies."""

    def now(self) -> datetime:
        """The real time, in UTC."""
        ...

    def walk_time(self, candidate: str) -> datetime:
        """The time in this candidate's walks; the real time but in tests and the demo."""
        ...


class SystemClock:
    """Real time for everybody."""

    def now(self) -> datetime:
        """The real time, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place

    def walk_time(self, candidate: str) -> datetime:  # noqa: ARG002  # one time for all
        """The real time, in UTC."""
        return self.now()


def shift_of(clock: Clock, candidate: str) -> float:
    """How many whole seconds this candidate's walks are ahead of real time; 0 but in tests and the demo."""
    return float(round((clock.walk_time(candidate) - clock.now()).total_seconds()))
