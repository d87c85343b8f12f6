"""What polling an ATS does; it hands the name of a connection around, and nothing about anybody."""

from dataclasses import dataclass

from temporalio import activity

from activities.errors import failures_as_codes
from activities.heartbeat import alive
from rapport.ports import AtsDesk, AtsStanding

# A page takes a second or two of the ATS's time; a turn stays far within its ten minutes, also while calls are counted.
_PAGES_A_TURN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One turn of reading what changed at the ATS of a connection."""

    connection: str


class AtsActivities:
    """The activities around an ATS, with one desk."""

    def __init__(self, desk: AtsDesk) -> None:
        """Take the desk that wiring built."""
        self._desk = desk

    @activity.defn(name="poll_ats")
    async def poll_ats(self, poll: Poll) -> AtsStanding:
        """Take in some pages; a worker that shuts down stops between two of them, and the place is in the store."""
        people = jobs = 0
        async with alive():
            with failures_as_codes():
                for _ in range(_PAGES_A_TURN):
                    page = await self._desk.poll_page(poll.connection)
                    people, jobs = people + page.people, jobs + page.jobs
                    if not page.more or activity.is_worker_shutdown():
                        break
                return AtsStanding(people=people, jobs=jobs, more=page.more)
