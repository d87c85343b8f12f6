"""Lever as an AtsVendor."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from rapport.ats.lever import hints
from rapport.ats.lever.changes import Changes
from rapport.ats.lever.lists import one
from rapport.ats.lever.reading import Reading
from rapport.ats.lever.words import job_of
from rapport.ats.lever.writing import LeverHand
from rapport.ats.line import Line, Terms
from rapport.ats.told import LONG_AGO
from rapport.ats.writing import Author, Writing
from rapport.clock import Clock
from rapport.crm.call_limits import CallLimits
from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson

# Ten a second, in bursts of twenty. Half a burst is left to what arrives late and to others with the same key; a
# refusal says no length, and the bucket is full again after two seconds.
TERMS = Terms(
    who="Lever", limits=CallLimits(calls=10, per=timedelta(seconds=1), is_bucket=True, pause=timedelta(seconds=2))
)


class Lever:
    """An AtsVendor by API version 1. A person is a contact, an application is an opportunity of theirs."""

    # A call or two each, and ten a second are allowed.
    roll_size = 20

    def __init__(self, line: Line, *, clock: Clock, user: str | None, webhook_secret: str | None) -> None:
        """Connect with the first call; `user` is in whose name people and notes are written."""
        self._line, self._clock, self._secret = line, clock, webhook_secret
        self._reading = Reading(line, clock)
        author = Author(who=TERMS.who, user=user, login="api_key@user_id")
        self._writing = Writing(hand=LeverHand(reading=self._reading, author=author))
        self._changes = Changes(reading=self._reading, clock=clock)

    async def person(self, person: str) -> AtsPerson | None:
        """The contact of an id, with what all of their opportunities say."""
        return await self._reading.person(person)

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All contacts with this address, the most recently changed first."""
        return await self._writing.find(email)

    async def upsert(self, person: AtsPerson) -> str:
        """The contact with this id or address; somebody new is sourced."""
        return await self._writing.upsert(person)

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """All opportunities of a contact, the most recent first."""
        found = await self._reading.applications(await self._reading.opportunities(person))
        return sorted(found, key=lambda each: each.applied_at or LONG_AGO, reverse=True)

    async def application(self, application: str) -> AtsApplication | None:
        """One opportunity."""
        found = await self._reading.opportunity(application)
        return (await self._reading.applications([found]))[0] if found else None

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """Tags, notes and pools, each only when it is not so yet."""
        await self._writing.write(how, what, person=person, key=key, text=text)

    async def job(self, job: str) -> AtsJob | None:
        """One posting."""
        found = await one(self._line, f"/postings/{quote(job, safe='')}")
        return job_of(found) if found else None

    async def changes(self, cursor: str | None) -> AtsChanges:
        """One page of what changed: postings first, then people with all of their opportunities."""
        return await self._changes.page(cursor)

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Each is asked for on their own."""
        return [person for person in people if await self.person(person) is None]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:  # noqa: ARG002  # nothing is in headers
        """What a webhook claims."""
        return hints.read(body, secrets=self._secret, now=self._clock.now())

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()
