"""iCIMS as an AtsVendor: it reads and is heard; nothing is written, because nobody has seen how."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from rapport.ats.icims import events
from rapport.ats.icims.words import application_of, job_of, person_of
from rapport.ats.line import Line, Terms
from rapport.ats.rounds import Round
from rapport.ats.told import name, rows
from rapport.clock import Clock
from rapport.crm.call_limits import CallLimits
from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson
from rapport.errors import Refused

# No figures are published: slow enough to bother nobody.
TERMS = Terms(who="iCIMS", limits=CallLimits(calls=2, per=timedelta(seconds=1), is_bucket=True))
_SEARCHES = ("jobs", "people", "applicantworkflows")
_NAMES = {"jobs": "job", "people": "person", "applicantworkflows": "applicantworkflow"}
# Each of them costs a call.
_PER_PAGE = 20


class Icims:
    """An AtsVendor that reads. A person is a person, an application is an applicant workflow."""

    # A call each, and two a second are made.
    roll_size = 10

    def __init__(self, line: Line, *, customer: str, clock: Clock, webhook_secret: str | None) -> None:
        """Connect with the first call."""
        self._line, self._customer, self._clock, self._secret = line, customer, clock, webhook_secret

    async def person(self, person: str) -> AtsPerson | None:
        """The person of an id."""
        found = await self._record("people", person)
        return person_of(person, found) if found is not None else None

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """Everybody with this address, the newest first."""
        ids = await self._search("people", [{"name": "person.email", "value": [email], "operator": "="}])
        found = [await self.person(number) for number in reversed(ids)]
        return [someone for someone in found if someone and email.lower() in map(str.lower, someone.emails)]

    async def upsert(self, person: AtsPerson) -> str:
        """The person with this id or address; nobody is created."""
        known = [person.id] if person.id else [each.id for email in person.emails for each in await self.find(email)]
        if not known:
            raise _unwritten("create a person")
        return known[0]

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """All workflows of a person, the newest first."""
        ids = await self._search("applicantworkflows", [{"name": "applicantworkflow.person.id", "value": [person]}])
        found = [await self.application(number) for number in reversed(ids)]
        return [each for each in found if each is not None and each.person in ("", person)]

    async def application(self, application: str) -> AtsApplication | None:
        """One workflow."""
        found = await self._record("applicantworkflows", application)
        return application_of(application, found) if found is not None else None

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:  # noqa: ARG002
        """Refused: nobody has seen how iCIMS takes tags and notes."""
        raise _unwritten(how.replace("_", " "))

    async def job(self, job: str) -> AtsJob | None:
        """One job."""
        found = await self._record("jobs", job)
        return job_of(job, found) if found is not None else None

    async def changes(self, cursor: str | None) -> AtsChanges:
        """One page of what changed: jobs, people, then workflows, by their date and in the order of their ids."""
        place = Round.read(cursor).begun("", self._clock.now())
        of = _SEARCHES[place.step % len(_SEARCHES)]
        ids = (await self._search(of, _since(_NAMES[of], place)))[:_PER_PAGE]
        after, more = place.after(ids[-1] if len(ids) == _PER_PAGE else None, steps=len(_SEARCHES))
        people = [await self.person(number) for number in ids] if of == "people" else []
        filed = [await self.application(number) for number in ids] if of == "applicantworkflows" else []
        jobs = [await self.job(number) for number in ids] if of == "jobs" else []
        return AtsChanges(
            people=tuple(each for each in people if each),
            applications=tuple(each for each in filed if each),
            jobs=tuple(each for each in jobs if each),
            cursor=after.text(),
            more=more,
        )

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Each is asked for on their own."""
        return [person for person in people if await self.person(person) is None]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """What an event claims."""
        return events.read(headers, body, secret=self._secret, customer=self._customer)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _record(self, kind: str, number: str) -> Mapping[str, Any] | None:
        found = await self._line.get(f"/{kind}/{quote(number, safe='')}")
        return found if isinstance(found, dict) else None

    async def _search(self, kind: str, filters: Sequence[Mapping[str, Any]]) -> list[str]:
        """Ids in ascending order; `staleness` asks for no kept answer."""
        search = json.dumps({"filters": list(filters), "operator": "&"})
        found = await self._line.get(f"/search/{kind}", searchJson=search, staleness=0)
        listed = rows(found.get("searchResults")) if isinstance(found, dict) else []
        return [number for row in listed if (number := name(row)) is not None]


def _since(kind: str, place: Round) -> list[Mapping[str, Any]]:
    """What changed since, from an id on; iCIMS wants at least one filter, so everything is all ids above nothing."""
    since = place.since_moment
    dated = (
        [{"name": f"{kind}.updateddate", "value": [f"{since:%Y-%m-%d %I:%M %p}"], "operator": ">="}] if since else []
    )
    return [{"name": f"{kind}.id", "value": [place.at or "0"], "operator": ">"}, *dated]


def _unwritten(what: str) -> Refused:
    return Refused(
        reason="not_supported",
        message=f"The adapter for iCIMS cannot {what}: it only reads.",
        hint="Do it in iCIMS, or connect another ATS.",
    )
