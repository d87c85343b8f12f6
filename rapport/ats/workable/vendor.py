"""Workable as an AtsVendor."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

from rapport.ats.line import Line, Terms
from rapport.ats.signed import check_hex, digest, refused, tree_of
from rapport.ats.told import LONG_AGO, name, part, text
from rapport.ats.workable.changes import Changes
from rapport.ats.workable.reading import Reading
from rapport.ats.workable.words import job_of, person_of
from rapport.ats.workable.writing import WorkableHand
from rapport.ats.writing import Author, Writing
from rapport.clock import Clock
from rapport.crm.call_limits import CallLimits
from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson

# Ten calls in ten seconds with an account's token; an answer's headers say what it is for other ones.
TERMS = Terms(who="Workable", limits=CallLimits(calls=10, per=timedelta(seconds=10)), prefix="x-rate-limit")
_SIGNATURE = "x-workable-signature"


class Workable:
    """An AtsVendor by API version 3. A candidate is a person and an application at once, one for each job."""

    # A call each, and one a second is allowed.
    roll_size = 10

    def __init__(self, line: Line, *, clock: Clock, member: str | None, webhook_secret: str | None) -> None:
        """Connect with the first call; `member` is in whose name notes are written."""
        self._line, self._secret = line, webhook_secret
        self._reading = Reading(line, clock)
        author = Author(who=TERMS.who, user=member, login="subdomain:token@member_id")
        self._writing = Writing(hand=WorkableHand(reading=self._reading, author=author))
        self._changes = Changes(reading=self._reading, clock=clock)

    async def person(self, person: str) -> AtsPerson | None:
        """The candidate of an id."""
        found = await self._reading.candidate(person)
        return person_of(found) if found else None

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """All candidates with this address, the most recently changed first."""
        return await self._writing.find(email)

    async def upsert(self, person: AtsPerson) -> str:
        """The candidate with this id or address; somebody new goes to the talent pool."""
        return await self._writing.upsert(person)

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """The candidate's own application, and those of the same address for other jobs; the most recent first."""
        own = await self._reading.candidate(person)
        if own is None:
            return []
        email = text(own, "email")
        others = await self._reading.with_address(email) if email else []
        everything = [own, *(row for row in others if name(row) != name(own))]
        found = await self._reading.applications(everything)
        return sorted(found, key=lambda each: each.applied_at or LONG_AGO, reverse=True)

    async def application(self, application: str) -> AtsApplication | None:
        """One candidate's application."""
        found = await self._reading.candidate(application)
        return (await self._reading.applications([found]))[0] if found else None

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """Tags, notes and pools, each only when it is not so yet."""
        await self._writing.write(how, what, person=person, key=key, text=text)

    async def job(self, job: str) -> AtsJob | None:
        """One job."""
        found = await self._line.get(f"/jobs/{quote(job, safe='')}")
        return job_of(found) if isinstance(found, dict) else None

    async def changes(self, cursor: str | None) -> AtsChanges:
        """One page of what changed: jobs first, then candidates."""
        return await self._changes.page(cursor)

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Each is asked for on their own."""
        return [person for person in people if await self.person(person) is None]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """What a webhook claims; Refused unless the HMAC over its bytes is right."""
        if not self._secret:
            raise refused("no secret is set for this connection")
        check_hex(headers.get(_SIGNATURE, "").removeprefix("sha256="), secret=self._secret, signed=body)
        tree = tree_of(body)
        key, event, number = name(tree) or digest(body), text(tree, "event_type") or "", name(part(tree, "data"))
        if number is None or not event.startswith("candidate_"):
            return [AtsHint(key=key, kind="nothing")]
        return [AtsHint(key=key, kind="deleted" if event == "candidate_deleted" else "person", id=number)]

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()
