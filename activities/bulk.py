"""What a bulk enrollment does: give people their turn, page by page; each has one turn, however often this runs."""

import asyncio
from dataclasses import dataclass

from temporalio import activity

from activities.errors import failures_as_codes
from rapport.ports import BulkDesk, BulkStanding

# A Temporal server on a laptop starts fifty walks in this time, so the outbox never runs dry; asking more often costs.
_WHILE_CROWDED_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people of one stored list up to a number."""

    bulk: str
    up_to: int


class BulkActivities:
    """The activities of bulk enrollments, around one desk."""

    def __init__(self, desk: BulkDesk) -> None:
        """Take the desk that wiring built."""
        self._desk = desk

    @activity.defn(name="enroll_people")
    async def enroll_people(self, people: People) -> BulkStanding:
        """Enroll or refuse each of them; a worker that shuts down stops between two pages and says how far it came."""
        with failures_as_codes():
            while True:
                standing = await self._desk.enroll_page(people.bulk, up_to=people.up_to)
                activity.heartbeat(standing.cursor)
                if standing.over or standing.cursor >= people.up_to or activity.is_worker_shutdown():
                    return standing
                if standing.crowded:
                    await asyncio.sleep(_WHILE_CROWDED_SECONDS)
