"""What changed in Workable: nobody tells of a rejection there, so jobs and candidates are polled by their dates."""

from dataclasses import dataclass, replace
from typing import Any

from rapport.ats.rounds import Round
from rapport.ats.told import name
from rapport.ats.workable.lists import Page, page
from rapport.ats.workable.reading import Reading
from rapport.ats.workable.words import job_of, person_of
from rapport.clock import Clock
from rapport.crm.hiring import AtsChanges
from rapport.errors import BadInput

_LISTS = ("jobs", "candidates")
# Each candidate costs a call, and one a second is allowed.
_PER_PAGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Reads one page at a time."""

    reading: Reading
    clock: Clock

    async def page(self, cursor: str | None) -> AtsChanges:
        """The page at a place, and the next place."""
        place = Round.read(cursor)
        of = _LISTS[place.step % len(_LISTS)]
        found = await self._asked(of, place)
        place = place.begun(found.asked_at, self.clock.now())
        after, more = place.after(found.following, steps=len(_LISTS))
        told = AtsChanges(cursor=after.text(), more=more)
        if of == "jobs":
            return replace(told, jobs=tuple(job_of(row) for row in found.rows))
        each = [await self.reading.candidate(name(row) or "") for row in found.rows]
        there = [row for row in each if row]
        applications = await self.reading.applications(there)
        return replace(told, people=tuple(person_of(row) for row in there), applications=tuple(applications))

    async def _asked(self, of: str, place: Round) -> Page:
        since = place.since_moment
        query: dict[str, Any] = {"limit": _PER_PAGE}
        if since is not None:
            query["updated_after"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
        try:
            return await page(self.reading.line, f"/{of}", of=of, query=query, following=place.at or None)
        except BadInput:
            if not place.at:
                raise
            # The address of a page does not last for ever: the list is read from its beginning.
            return await page(self.reading.line, f"/{of}", of=of, query=query)
