"""Drawing lots without chance: the same enrollment and step always draw the same number."""

import hashlib
from collections.abc import Sequence


def draw(enrollment: str, step: str, shares: Sequence[tuple[str, int]]) -> str:
    """The variant of a split; `shares` are percents that add up to 100."""
    digest = hashlib.sha256(f"{enrollment}\n{step}".encode()).digest()
    # 64 bits against 100 buckets: the bias is below 1e-17.
    number = int.from_bytes(digest[:8], "big") % 100
    for variant, percent in shares:
        number -= percent
        if number < 0:
            return variant
    return shares[-1][0]
