"""What changed in Greenhouse: jobs, candidates and applications since the last round, page by page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapport.ats.greenhouse.lists import Page, page, since
from rapport.ats.greenhouse.places import placed_jobs
from rapport.ats.greenhouse.words import person_of
from rapport.ats.line import Line
from rapport.ats.rounds import Round
from rapport.clock import Clock
from rapport.crm.hiring import AtsApplication, AtsChanges
from rapport.errors import BadInput

# Each list with the field by which it says what has changed.
_LISTS = (("jobs", "updated_at"), ("candidates", "last_activity_at"), ("applications", "last_activity_at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Reads one page at a time; the newest id comes first, so a place moves on only once a list was read whole."""

    line: Line
    reader: Callable[[Sequence[Mapping[str, Any]]], Awaitable[list[AtsApplication]]]
    clock: Clock

    async def page(self, cursor: str | None) -> AtsChanges:
        """The page at a place, and the next place."""
        place = Round.read(cursor)
        resource, field = _LISTS[place.step % len(_LISTS)]
        found = await self._asked(resource, field, place)
        place = place.begun(found.asked_at, self.clock.now())
        after, more = place.after(found.cursor, steps=len(_LISTS))
        told = AtsChanges(cursor=after.text(), more=more)
        match resource:
            case "jobs":
                return replace(told, jobs=tuple(await placed_jobs(self.line, found.rows)))
            case "candidates":
                return replace(told, people=tuple(person_of(row) for row in found.rows))
            case _:
                return replace(told, applications=tuple(await self.reader(found.rows)))

    async def _asked(self, resource: str, field: str, place: Round) -> Page:
        query = since(field, place.since_moment)
        try:
            return await page(self.line, resource, query, place.at or None)
        except BadInput:
            if not place.at:
                raise
            # A cursor does not last for ever: the list is read from its beginning.
            return await page(self.line, resource, query)
