"""Recording how a walk ended: once, and whoever waits for the end of a sequence hears of it."""

from collections.abc import Sequence

from rapport.clock import Clock
from rapport.engine.state import End, Passed
from rapport.ids import sequence_of
from rapport.store import enrollments
from rapport.store.database import Tx
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in


async def record_end(tx: Tx, clock: Clock, walk: EnrollmentRow, end: End, path: Sequence[Passed]) -> None:
    """Record an end and tell the person's other walks; one that was recorded before stands."""
    steps = [[passed.step, passed.at.isoformat(), passed.outcome] for passed in path]
    if not await enrollments.end(tx, walk.id, name=end.name, at=end.at, path=steps):
        return
    incoming = Incoming(
        dedupe_key=f"{walk.id}/ended",
        kind="sequence_ended",
        candidate=walk.candidate,
        at=end.at,
        enrollment=walk.id,
        detail={"sequence": sequence_of(walk.id), "as": _kind(end)},
        shift=walk.shift_seconds,
    )
    await take_in(tx, clock, incoming)


def _kind(end: End) -> str:
    return {"goal": "goal", "end": "end"}.get(end.name.partition(":")[0], "exit")
