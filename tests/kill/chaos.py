"""Somebody who kills processes at moments that a seed draws, so that a bad evening can be had again."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence

from tests.kill.processes import Kept

_SHORTEST, _LONGEST = 0.5, 4.0  # seconds between two kills: from "starts again just now" to "has come to rest"


def lots(seed: int) -> Iterator[float]:
    """Numbers from 0 up to 1, the same for the same seed."""
    number = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
        yield int.from_bytes(digest[:8], "big") / 2**64
        number += 1


async def kill_at_random(victims: Sequence[Kept], *, seed: int, kills: int) -> list[str]:
    """Kill them one after the other, each about as often as the others; who was killed, in order."""
    drawn, order, killed = lots(seed), list(victims), list[str]()
    while len(killed) < kills:
        order.sort(key=lambda victim: (victim.kills, next(drawn)))
        await asyncio.sleep(_SHORTEST + next(drawn) * (_LONGEST - _SHORTEST))
        await order[0].kill()
        killed.append(order[0].name)
    return killed
