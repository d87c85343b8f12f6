"""The one place that asks the system clock; everything else is told the time."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol


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


# More than the clocks of machines differ.
_MOVED: Final = timedelta(hours=1)


def is_moved(clock: Clock, candidate: str) -> bool:
    """Whether this candidate's walks have a time of their own, as in tests and the demo."""
    return abs(clock.walk_time(candidate) - clock.now()) > _MOVED


def moment_in_walks(clock: Clock, candidate: str, happened: datetime) -> datetime:
    """When something that happened at a real time did so for this candidate's walks.

    A moved walk's own time stands still meanwhile, so that it happened now.
    """
    return clock.walk_time(candidate) if is_moved(clock, candidate) else happened


def shift_of(clock: Clock, candidate: str) -> float:
    """How many whole seconds this candidate's walks are ahead of real time; 0 but in tests and the demo."""
    return float(round((clock.walk_time(candidate) - clock.now()).total_seconds()))
