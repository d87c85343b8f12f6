"""Reading from Lever: people with all of their opportunities, opportunities with what they refer to."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rapport.ats.kept import Kept
from rapport.ats.lever.lists import every, one
from rapport.ats.lever.words import Around, application_of, contact_of, person_of, posting_of
from rapport.ats.line import Line
from rapport.ats.looked_up import LookedUp
from rapport.ats.told import by_id, name, part
from rapport.clock import Clock
from rapport.crm.hiring import AtsApplication, AtsPerson

# With the applications whole, each opportunity says which posting it is about.
WHOLE = {"expand": "applications"}


class Reading:
    """Reads through one line; reasons, stages, postings and users are kept for some minutes."""

    def __init__(self, line: Line, clock: Clock) -> None:
        """Ask for nothing yet."""
        self.line = line
        self._reasons = Kept(self._all_reasons, clock)
        self._stages = Kept(self._all_stages, clock)
        self._users = LookedUp(lambda number: one(line, f"/users/{quote(number, safe='')}"), clock)
        self._postings = LookedUp(lambda number: one(line, f"/postings/{quote(number, safe='')}"), clock)

    async def opportunities(self, contact: str) -> list[Mapping[str, Any]]:
        """All opportunities of a contact, active and archived."""
        found = [row async for row in every(self.line, "/opportunities", contact_id=contact, **WHOLE)]
        return [row for row in found if contact_of(row) == contact]

    async def person(self, contact: str) -> AtsPerson | None:
        """A contact; None when there is none."""
        found = await self.opportunities(contact)
        if found:
            return person_of(contact, found)
        alone = await one(self.line, f"/contacts/{quote(contact, safe='')}")
        return person_of(contact, [alone]) if alone else None

    async def opportunity(self, number: str) -> Mapping[str, Any] | None:
        """One opportunity."""
        return await one(self.line, f"/opportunities/{quote(number, safe='')}", **WHOLE)

    async def applications(self, found: Sequence[Mapping[str, Any]]) -> list[AtsApplication]:
        """Opportunities in our words, in their order."""
        return [application_of(row, await self._around(row)) for row in found]

    async def _around(self, row: Mapping[str, Any]) -> Around:
        reason, reasons = name(part(row, "archived"), "reason"), await self._reasons.get()
        if reason is not None and reason not in reasons:
            reasons = await self._reasons.get(anew=True)
        return Around(
            reasons=reasons,
            stages=await self._stages.get(),
            posting=await self._postings.get(posting_of(row)),
            owner=await self._users.get(name(row, "owner") or name(part(row, "owner"))),
        )

    async def _all_reasons(self) -> Mapping[str, Mapping[str, Any]]:
        return by_id([row async for row in every(self.line, "/archive_reasons")])

    async def _all_stages(self) -> Mapping[str, Mapping[str, Any]]:
        return by_id([row async for row in every(self.line, "/stages")])
