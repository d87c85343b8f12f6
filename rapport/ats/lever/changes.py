"""What changed in Lever: postings, then opportunities by each of the dates that a change may move, and deleted ones."""

from dataclasses import dataclass, replace
from typing import Any

from rapport.ats.lever.lists import Page, page
from rapport.ats.lever.reading import WHOLE, Reading
from rapport.ats.lever.words import contact_of, job_of, person_of
from rapport.ats.rounds import Round
from rapport.ats.told import LONG_AGO, name
from rapport.clock import Clock
from rapport.crm.hiring import AtsChanges, AtsPerson
from rapport.errors import BadInput, ConfigurationError

_DELETED = "/opportunities/deleted"
_NOTHING = Page(rows=(), offset=None, asked_at="")
# Many opportunities have no `updatedAt`: what changed them shows in another date.
_LISTS = (
    ("/postings", "updated_at_start"),
    ("/opportunities", "updated_at_start"),
    ("/opportunities", "archived_at_start"),
    ("/opportunities", "advanced_at_start"),
    ("/opportunities", "created_at_start"),
    (_DELETED, "deleted_at_start"),
)
# The first round reads both lists whole, so no date is needed, and nothing that is gone was ever known.
_FIRST_ROUND = 2
# Each person of a page costs a call, and ten a second are allowed; in the first round none does.
_PER_PAGE, _PER_FIRST_PAGE = 50, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Reads one page at a time; each person on it with all of their opportunities, for one alone misleads.

    In the first round nearly everybody is new and has one opportunity: whoever turns up again is read whole later.
    """

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
        match path:
            case "/postings":
                return replace(told, jobs=tuple(job_of(row) for row in found.rows))
            case _ if path == _DELETED:
                return replace(told, gone=tuple(filter(None, map(name, found.rows))))
            case _:
                return await self._people(told, found, whole=bool(place.since))

    async def _people(self, told: AtsChanges, found: Page, *, whole: bool) -> AtsChanges:
        people: list[AtsPerson] = []
        applications = []
        for contact in dict.fromkeys(filter(None, map(contact_of, found.rows))):
            here = [row for row in found.rows if contact_of(row) == contact]
            theirs = await self.reading.opportunities(contact) if whole else here
            if theirs:
                people.append(replace(person_of(contact, theirs), is_part=not whole))
                applications += await self.reading.applications(theirs)
        ordered = sorted(applications, key=lambda each: each.applied_at or LONG_AGO)
        return replace(told, people=tuple(people), applications=tuple(ordered))

    async def _asked(self, path: str, field: str, place: Round) -> Page:
        since = place.since_moment
        query: dict[str, Any] = {} if since is None else {field: int(since.timestamp() * 1000)}
        query |= WHOLE if path == "/opportunities" else {}
        limit = _PER_PAGE if place.since else _PER_FIRST_PAGE
        try:
            return await page(self.reading.line, path, query, offset=place.at or None, limit=limit)
        except BadInput:
            if path == _DELETED:
                return _NOTHING
            if not place.at:
                raise
            # An offset does not last for ever: the list is read from its beginning.
            return await page(self.reading.line, path, query, offset=None, limit=limit)
        except ConfigurationError:
            # A key may be allowed to read opportunities and not which were deleted; then the roll finds out.
            if path == _DELETED:
                return _NOTHING
            raise
