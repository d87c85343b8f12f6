"""Reading from Workable: lists leave out tags and dates, so that each candidate is read on their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rapport.ats.kept import Kept
from rapport.ats.line import Line
from rapport.ats.told import name, part, rows, text
from rapport.ats.workable.lists import every
from rapport.ats.workable.words import application_of
from rapport.clock import Clock
from rapport.crm.hiring import AtsApplication
from rapport.crm.outcomes import folded


class Reading:
    """Reads through one line; the reasons are kept for some minutes."""

    def __init__(self, line: Line, clock: Clock) -> None:
        """Ask for nothing yet."""
        self.line = line
        self._withdrawals = Kept(self._all_withdrawals, clock)

    async def candidate(self, number: str) -> Mapping[str, Any] | None:
        """A candidate with everything."""
        found = await self.line.get(f"/candidates/{quote(number, safe='')}")
        return part(found, "candidate") or None

    async def with_address(self, email: str) -> list[Mapping[str, Any]]:
        """All candidates with an address, each with everything."""
        listed = [row async for row in every(self.line, "/candidates", of="candidates", email=email)]
        found = [await self.candidate(name(row) or "") for row in listed]
        return [row for row in found if row and (text(row, "email") or "").lower() == email.lower()]

    async def applications(self, found: Sequence[Mapping[str, Any]]) -> list[AtsApplication]:
        """Candidates as applications, in their order."""
        withdrawals = await self._withdrawals.get()
        return [application_of(row, withdrawals) for row in found]

    async def _all_withdrawals(self) -> frozenset[str]:
        found = rows(await self.line.get("/disqualification_reasons"))
        return frozenset(
            folded(text(row, "description") or "") for row in found if row.get("candidate_withdrew") is True
        )
