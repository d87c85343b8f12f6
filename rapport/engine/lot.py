"""Drawing lots without chance: the same enrollment and step always draw the same number."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

# A thousand walks that are resumed together wake about one a second: no wave for the mail server, and soon
# enough for whoever resumed one of them and watches.
_TURNS_WITHIN = timedelta(minutes=15)


def draw(enrollment: str, step: str, shares: Sequence[tuple[str, int]]) -> str:
    """The variant of a split; `shares` are percents that add up to 100."""
    # 64 bits against 100 buckets: the bias is below 1e-17.
    number = _number(enrollment, step) % 100
    for variant, percent in shares:
        number -= percent
        if number < 0:
            return variant
    return shares[-1][0]


def turn(enrollment: str) -> timedelta:
    """How long after a resume it is this walk's turn: whole seconds below 15 minutes, spread evenly over all walks."""
    return timedelta(seconds=_number(enrollment, "") % int(_TURNS_WITHIN.total_seconds()))


def _number(enrollment: str, step: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{enrollment}\n{step}".encode()).digest()[:8], "big")
