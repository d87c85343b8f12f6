"""An ATS in memory that keeps the promises of `AtsVendor`, and what people do in it; nothing of it is a vendor's."""

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson, HiringOutcome
from rapport.errors import NotFound, Refused
from rapport.ports import AtsVendor

SECRET = b"a webhook secret for tests"
_PAGE = 3


@dataclass(slots=True)
class AtsInMemory:
    """People, applications and jobs; every change is stamped with `now`, which moves by a minute each time.

    `bad_answers` come behind so many good ones as `answers_first` says.
    """

    now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    people: dict[str, AtsPerson] = field(default_factory=dict)
    filed: dict[str, AtsApplication] = field(default_factory=dict)
    jobs: dict[str, AtsJob] = field(default_factory=dict)
    tags: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    pools: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    bad_answers: deque[Exception] = field(default_factory=deque)
    answers_first: int = 0
    calls: int = 0
    dated: bool = True
    refuses_writes: bool = False

    # What recruiters do.

    def person(self, name: str, *, email: str | None = "", **fields: Any) -> AtsPerson:
        """Create or change a person."""
        address = f"{name}@people.example" if email == "" else email
        known = self.people.get(name) or AtsPerson(id=name, emails=(address,) if address else ())
        self.people[name] = replace(known, updated_at=self._stamp(), **fields)
        self.changed.append(("person", name))
        return self.people[name]

    def apply(self, name: str, job: str = "backend", *, stage: str = "applied", **fields: Any) -> str:
        """Somebody applies, or is sourced (`is_prospect`)."""
        number = f"{name}-{job}"
        at = self._stamp()
        self.filed[number] = AtsApplication(
            id=number,
            person=name,
            status="active",
            job=job,
            job_title=job.title(),
            stage=stage,
            applied_at=at,
            updated_at=at,
            **fields,
        )
        self.changed.append(("application", number))
        return number

    def move(self, number: str, stage: str) -> None:
        """To another stage."""
        self._change(number, stage=stage)

    def end(self, number: str, outcome: HiringOutcome, *, reason: str | None = None) -> None:
        """Reject, hire, and so on."""
        status = {HiringOutcome.HIRED: "hired", HiringOutcome.WITHDREW: "withdrawn"}.get(outcome, "rejected")
        self._change(number, status=status, outcome=outcome, reason=reason, rejected_on=self.now.date())

    def reopen(self, number: str) -> None:
        """Take a rejection or a hire back."""
        self._change(number, status="active", outcome=None, reason=None, rejected_on=None)

    def merge(self, gone: str, kept: str) -> None:
        """Two records were one person; the old id leads nowhere, as with a deleted one."""
        self.people[gone] = replace(self.people[gone], merged_into=kept)
        for number, filed in self.filed.items():
            if filed.person == gone:
                self.filed[number] = replace(filed, person=kept)
        self._stamp()

    def delete(self, name: str) -> None:
        """Delete a person."""
        self.people.pop(name, None)
        self.filed = {number: filed for number, filed in self.filed.items() if filed.person != name}

    def _change(self, number: str, **fields: Any) -> None:
        self.filed[number] = replace(self.filed[number], updated_at=self._stamp(), **fields)
        self.changed.append(("application", number))

    def _stamp(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def vendor(self) -> "VendorInMemory":
        """The adapter."""
        return VendorInMemory(self)


@dataclass(slots=True)
class VendorInMemory:
    """An `AtsVendor` and an `AtsVendors` at once."""

    ats: AtsInMemory

    async def of(self, connection: str) -> AtsVendor:
        """The same one for every name but one."""
        if connection == "unknown":
            raise NotFound(kind="ATS connection", name=connection, hint="None.")
        return self

    async def person(self, person: str) -> AtsPerson | None:
        """As promised."""
        self._called()
        found = self.ats.people.get(person)
        return replace(self._undated(found), is_part=False) if found else None

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """As promised."""
        self._called()
        return [person for person in self.ats.people.values() if email in person.emails and not person.merged_into]

    async def upsert(self, person: AtsPerson) -> str:
        """As promised."""
        self._called()
        known = await self.find(person.emails[0]) if person.emails else ()
        name = known[0].id if known else f"made-{len(self.ats.people) + 1}"
        self.ats.people[name] = replace(person, id=name, updated_at=self.ats.now)
        return name

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """As promised."""
        self._called()
        found = [filed for filed in self.ats.filed.values() if filed.person == person]
        newest = sorted(found, key=lambda filed: filed.applied_at or self.ats.now, reverse=True)
        return [replace(filed, updated_at=filed.updated_at if self.ats.dated else None) for filed in newest]

    async def application(self, application: str) -> AtsApplication | None:
        """As promised."""
        self._called()
        return self.ats.filed.get(application)

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """Look first, then write; a timeout may come after that."""
        if self.ats.refuses_writes:
            raise Refused(reason="read_only", message="It takes nothing.", hint="None.")
        found = self.ats.people.get(person)
        if found is None or found.merged_into:
            raise NotFound(kind="person", name=person, hint="None.")
        match how:
            case "add_note" if (person, key) not in [note[:2] for note in self.ats.notes]:
                self.ats.notes.append((person, key, text))
            case "keep_note":
                others = [note for note in self.ats.notes if note[:2] != (person, key)]
                self.ats.notes = [*others, (person, key, text)]
            case "add_tag" if (person, what) not in self.ats.tags:
                self.ats.tags.append((person, what))
            case "move_to_pool" if (person, what) not in self.ats.pools:
                self.ats.pools.append((person, what))
        self._called()

    async def job(self, job: str) -> AtsJob | None:
        """As promised."""
        self._called()
        return self.ats.jobs.get(job)

    async def changes(self, cursor: str | None) -> AtsChanges:
        """Three changes to a page, each object as it is now."""
        self._called()
        start = int(cursor or 0)
        page = self.ats.changed[start : start + _PAGE]
        end = start + len(page)
        return AtsChanges(
            people=tuple(
                _part(self.ats.people[name]) for kind, name in page if kind == "person" and name in self.ats.people
            ),
            applications=tuple(
                self.ats.filed[name] for kind, name in page if kind == "application" and name in self.ats.filed
            ),
            jobs=tuple(self.ats.jobs[name] for kind, name in page if kind == "job"),
            gone=tuple(self.ats.gone),
            cursor=str(end),
            more=end < len(self.ats.changed),
        )

    @property
    def roll_size(self) -> int:
        """A few."""
        return _PAGE

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """As promised."""
        self._called()
        return [person for person in people if person not in self.ats.people]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """Signed by HMAC over the raw body."""
        if not hmac.compare_digest(headers.get("signature", ""), signature(body)):
            raise Refused(reason="unsigned", message="It is not signed.", hint="Look at the secret.")
        tree = json.loads(body)
        return [AtsHint(**tree)]

    async def close(self) -> None:
        """Nothing is open."""

    def _undated(self, person: AtsPerson) -> AtsPerson:
        return person if self.ats.dated else replace(person, updated_at=None)

    def _called(self) -> None:
        self.ats.calls += 1
        if self.ats.answers_first:
            self.ats.answers_first -= 1
        elif self.ats.bad_answers:
            raise self.ats.bad_answers.popleft()


def _part(person: AtsPerson) -> AtsPerson:
    """Of whom pages tell only a part, the first tag."""
    return replace(person, tags=person.tags[:1]) if person.is_part else person


def signature(body: bytes) -> str:
    """What proves that a body is the ATS's."""
    return hmac.digest(SECRET, body, hashlib.sha256).hex()


def delivery(**hint: Any) -> bytes:
    """The body of a webhook."""
    return json.dumps(hint).encode()
