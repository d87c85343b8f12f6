"""What happens to Ana, where she walks, and what her walks are told."""

from typing import Any

from rapport.store import deliveries
from rapport.store.database import Tx
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.intake import take_in
from tests.unit.store.worlds import DAY, MONDAY, StandingClock

CLOCK = StandingClock()


async def happens(
    tx: Tx, kind: str, *, key: str = "", days: float = 0, candidate: str | None = "c_ana", **more: Any
) -> Taken:
    """Something happens to Ana, or to another; with no `key`, a kind happens to a person once at a time."""
    key = key or f"{kind}:{candidate}:{days}"
    return await take_in(
        tx, CLOCK, Incoming(dedupe_key=key, kind=kind, candidate=candidate, at=MONDAY + days * DAY, **more)
    )


async def walk(tx: Tx, sequence: str = "welcome", **more: Any) -> str:
    """Ana walks."""
    return (await enroll(tx, CLOCK, sequence=sequence, candidate="c_ana", at=MONDAY, cause="test", **more)).id


async def told(tx: Tx, enrollment: str) -> list[dict[str, Any]]:
    """What a walk will hear, without the ids."""
    rows = await deliveries.undispatched(tx, enrollment=enrollment)
    return [
        {key: value for key, value in row.payload.items() if key not in ("id", "at")}
        for row in rows
        if row.kind == "happening"
    ]
