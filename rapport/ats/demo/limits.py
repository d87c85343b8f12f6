"""Rate limits as vendors count them, by a clock that a test may move."""

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
        number = self._number
        self.counted[number] = self.counted.get(number, 0) + 1
        if self.counted[number] > self.calls:
            self.refused += 1
            return False
        return True

    @property
    def left(self) -> int:
        """What is left of the window."""
        return max(0, self.calls - self.counted.get(self._number, 0))

    @property
    def ends_at(self) -> int:
        """When it ends, in seconds since 1970."""
        return (self._number + 1) * self.seconds

    @property
    def _number(self) -> int:
        return int(self.now().timestamp() // self.seconds)

    def headers(self, prefix: str) -> dict[str, str]:
        """What answers say of it."""
        return {
            f"{prefix}-limit": str(self.calls),
            f"{prefix}-remaining": str(self.left),
            f"{prefix}-reset": str(self.ends_at),
        }


@dataclass(slots=True)
class Bucket:
    """Bursts of so many calls, filled again at so many a second."""

    burst: int
    per_second: int
    now: Callable[[], datetime]
    tokens: float = 0
    filled_at: datetime | None = None
    refused: int = 0

    def admit(self) -> bool:
        """Take one out; whether there was one."""
        now = self.now()
        since = (now - self.filled_at).total_seconds() if self.filled_at else float(self.burst)
        self.tokens, self.filled_at = min(self.burst, self.tokens + max(0.0, since) * self.per_second), now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True
