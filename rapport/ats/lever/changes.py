"""What changed in Lever: postings, then opportunities by each of the dates that a change may move."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rapport.ats.lever.lists import Page, page
from rapport.ats.lever.reading import WHOLE, Reading
from rapport.ats.lever.words import contact_of, job_of, person_of
from rapport.ats.rounds import Round
from rapport.clock import Clock
from rapport.crm.hiring import AtsChanges, AtsPerson
from rapport.errors import BadInput

# Many opportunities have no `updatedAt`: what changed them shows in another date.
_LISTS = (
    ("/postings", "updated_at_start"),
    ("/opportunities", "updated_at_start"),
    ("/opportunities", "archived_at_start"),
    ("/opportunities", "advanced_at_start"),
    ("/opportunities", "created_at_start"),
)
# The first round reads both lists whole, so no date is needed.
_FIRST_ROUND = 2
# Each person of a page costs a call, and ten a second are allowed.
_PER_PAGE = 50
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Reads one page at a time; each person on it with all of their opportunities, for one alone misleads."""

    reading: Reading
    clock: Clock

    async def page(self, cursor: str | None) -> AtsChanges:
        """The page at a place, and the next place."""
        place = Round.read(cursor)
        path, field = _LISTS[place.step % len(_LISTS)]
        found = await self._asked(path, field, place)
        place = place.begun(found.asked_at, self.clock.now())
        after, more = place.after(found.offset, steps=len(_LISTS) if place.since else _FIRST_ROUND)
        told = AtsChanges(cursor=after.text(), more=more)
        if path == "/postings":
            return replace(told, jobs=tuple(job_of(row) for row in found.rows))
        return await self._people(told, found)

    async def _people(self, told: AtsChanges, found: Page) -> AtsChanges:
        people: list[AtsPerson] = []
        applications = []
        for contact in dict.fromkeys(filter(None, map(contact_of, found.rows))):
            theirs = await self.reading.opportunities(contact)
            if theirs:
                people.append(person_of(contact, theirs))
                applications += await self.reading.applications(theirs)
        ordered = sorted(applications, key=lambda each: each.applied_at or _LONG_AGO)
        return replace(told, people=tuple(people), applications=tuple(ordered))

    async def _asked(self, path: str, field: str, place: Round) -> Page:
        since = place.since_moment
        query: dict[str, Any] = {} if since is None else {field: int(since.timestamp() * 1000)}
        query |= WHOLE if path == "/opportunities" else {}
        try:
            return await page(self.reading.line, path, query, offset=place.at or None, limit=_PER_PAGE)
        except BadInput:
            if not place.at:
                raise
            # An offset does not last for ever: the list is read from its beginning.
            return await page(self.reading.line, path, query, offset=None, limit=_PER_PAGE)
