"""Greenhouse as an AtsVendor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from rapport.ats.greenhouse import hints
from rapport.ats.greenhouse.changes import Changes
from rapport.ats.greenhouse.lists import by_ids, every
from rapport.ats.greenhouse.login import TokenLogin
from rapport.ats.greenhouse.places import placed_jobs
from rapport.ats.greenhouse.words import Around, application_of, person_of
from rapport.ats.greenhouse.writing import GreenhouseHand
from rapport.ats.kept import Kept
from rapport.ats.line import Line, Terms
from rapport.ats.told import by_id, name
from rapport.ats.writing import Author, Writing
from rapport.clock import Clock
from rapport.crm.call_limits import CallLimits
from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson

# What is known of Harvest v3; its headers say it better.
TERMS = Terms(who="Greenhouse", limits=CallLimits(calls=50, per=timedelta(seconds=30)), prefix="x-ratelimit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads applications with all that they refer to."""

    line: Line
    reasons: Kept[Mapping[str, Mapping[str, Any]]]

    async def applications(self, found: Sequence[Mapping[str, Any]]) -> list[AtsApplication]:
        """Applications in our words, the most recent first."""
        told = [application_of(row, await self._around(found)) for row in found] if found else []
        return sorted(told, key=lambda each: (len(each.id), each.id), reverse=True)

    async def _around(self, found: Sequence[Mapping[str, Any]]) -> Around:
        rejected = [name(row) for row in found if row.get("status") == "rejected"]
        details = await by_ids(self.line, "rejection_details", rejected, filtered="application_ids")
        bare = [application_of(row, Around()) for row in found]
        jobs = await by_ids(self.line, "jobs", [each.job for each in bare])
        users = await by_ids(self.line, "users", [name(row, "recruiter_id") for row in found])
        reasons = await self.reasons.get() if rejected else {}
        named = {name(detail, "rejection_reason_id") for detail in details} - {None}
        if not named <= set(reasons):
            reasons = await self.reasons.get(anew=True)
        return Around(reasons=reasons, details=by_id(details, "application_id"), jobs=by_id(jobs), users=by_id(users))


class Greenhouse:
    """An AtsVendor by Harvest v3. A person is a candidate, an application is an application of theirs."""

    # Four calls of fifty ids.
    roll_size = 200

    def __init__(
        self, line: Line, *, login: TokenLogin, clock: Clock, user: str | None, webhook_secret: str | None
    ) -> None:
        """Connect with the first call; `user` is whose name notes bear."""
        self._line, self._login, self._secret = line, login, webhook_secret
        self._reader = Reader(line=line, reasons=Kept(self._reasons, clock))
        author = Author(who=TERMS.who, user=user, login="client_id:client_secret@user_id")
        self._writing = Writing(hand=GreenhouseHand(line=line, author=author))
        self._changes = Changes(line=line, reader=self._reader.applications, clock=clock)

    async def person(self, person: str) -> AtsPerson | None:
        """The candidate of an id."""
        found = [row for row in await by_ids(self._line, "candidates", [person]) if name(row) == person]
        return person_of(found[0]) if found else None

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address, the most recently changed first."""
        return await self._writing.find(email)

    async def upsert(self, person: AtsPerson) -> str:
        """Fill in what Greenhouse does not know of a candidate, or create a prospect."""
        return await self._writing.upsert(person)

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """All applications of a candidate, the most recent first."""
        return await self._reader.applications(
            await by_ids(self._line, "applications", [person], filtered="candidate_ids")
        )

    async def application(self, application: str) -> AtsApplication | None:
        """One application."""
        found = await self._reader.applications(await by_ids(self._line, "applications", [application]))
        return next((each for each in found if each.id == application), None)

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """Tags, notes and pools, each only when it is not so yet."""
        await self._writing.write(how, what, person=person, key=key, text=text)

    async def job(self, job: str) -> AtsJob | None:
        """One job."""
        found = [row for row in await by_ids(self._line, "jobs", [job]) if name(row) == job]
        return (await placed_jobs(self._line, found[:1]))[0] if found else None

    async def changes(self, cursor: str | None) -> AtsChanges:
        """One page of what changed: jobs first, then candidates, then applications."""
        found = await self._changes.page(cursor)
        return replace(found, applications=tuple(reversed(found.applications)))

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Candidates whom a list by ids leaves out; what cannot be an id of Greenhouse is not asked for."""
        asked = [person for person in people if person.isascii() and person.isdigit()]
        there = {name(row) for row in await by_ids(self._line, "candidates", asked)}
        return [person for person in asked if person not in there]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """What a webhook claims."""
        return hints.read(headers, body, secret=self._secret)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()
        await self._login.close()

    async def _reasons(self) -> Mapping[str, Mapping[str, Any]]:
        return by_id([row async for row in every(self._line, "rejection_reasons")])
