"""Rate limits of a vendor, by a clock that a test may move."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Window:
    """So many calls in each fixed window; `refused` counts those that came on top."""

    calls: int
    seconds: int
    now: Callable[[], datetime]
    counted: dict[int, int] = field(default_factory=dict)
    refused: int = 0

    def admit(self) -> bool:
        """Count a call; whether it is within the limit."""
        number = int(self.now().timestamp() // self.seconds)
        self.counted[number] = self.counted.get(number, 0) + 1
        if self.counted[number] > self.calls:
            self.refused += 1
            return False
        return True

    @property
    def left(self) -> int:
        """What is left of the window."""
        return max(0, self.calls - self.counted.get(int(self.now().timestamp() // self.seconds), 0))

    @property
    def ends_at(self) -> int:
        """When it ends, in seconds since 1970."""
        return (int(self.now().timestamp() // self.seconds) + 1) * self.seconds
