"""Walks of somebody whom a colleague has put among the hired: they end, as after a hire that the ATS tells."""

from datetime import datetime

from rapport.clock import Clock
from rapport.dsl.stages import HIRED
from rapport.engine.happening import Happening
from rapport.ids import happening_id
from rapport.store import deliveries, enrollments
from rapport.store.database import Tx


async def end_walks(tx: Tx, clock: Clock, candidate: str, *, at: datetime) -> None:
    """Let every walk of this person hear of a hire at `at` (walk time).

    Nothing is noted of an application: nobody knows for which job it was.
    """
    for walk in await enrollments.walking(tx, candidate):
        heard = Happening(id=happening_id(f"{HIRED}:{walk.id}"), kind=HIRED, at=max(at, walk.enrolled_at))
        await deliveries.put(
            tx, enrollment=walk.id, kind="happening", payload=heard.to_json(), at=heard.at, now=clock.now()
        )
