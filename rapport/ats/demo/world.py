"""What the demo ATS knows, and what recruiters and applicants do in it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

# Where time begins in a demo without a clock: each change is a second after the one before.
_BEGINNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
WITHDREW, HIRED = "Withdrew", "Hired"
# Why applications end here, and who ends them by that; a reason that is new is noted with whoever used it first.
_REASONS = {
    "Stronger candidate": "us",
    "Lacks experience": "us",
    WITHDREW: "them",
    "Offer declined": "them",
    "Position filled": "unsaid",
    HIRED: "hire",
}
# Vendors count from somewhere; small numbers would look like lists of ours.
_FIRST_NUMBER = 100


@dataclass(slots=True)
class Person:
    """What the demo ATS knows of one candidate; applications are newest first.

    `sourced`: somebody found them, as prospects, leads or in the talent pool, whatever they apply for.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    applications: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)
    sourced: bool = False

    @property
    def emails(self) -> list[str]:
        """Their addresses."""
        listed = self.fields.get("emails") or [self.fields.get("email")]
        return [email for email in listed if isinstance(email, str)]


@dataclass(slots=True)
class DemoWorld:
    """People, jobs and what happens to them; every deed is a change that polls see and a delivery that is due.

    `now` or `clock` stamps changes; `changed` lists (kind, id) in the order of time; `due` holds deliveries of the
    webhook. `names` are the things that a vendor knows by number. `removed` are applications that are gone, and when.
    """

    people: dict[str, Person] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: list[tuple[str, str]] = field(default_factory=list)
    due: deque[dict[str, Any]] = field(default_factory=deque)
    now: datetime | None = None
    clock: Callable[[], datetime] | None = None
    reasons: dict[str, str] = field(default_factory=lambda: dict(_REASONS))
    tags: list[str] = field(default_factory=list)
    pools: list[str] = field(default_factory=lambda: ["Silver medalists"])
    names: dict[str, int] = field(default_factory=dict)
    ticks: int = 0
    removed: list[tuple[str, str]] = field(default_factory=list)

    def add_person(self, person: str, **fields: Any) -> Person:
        """Somebody new, or with other fields: `emails`, `first_name`, `timezone` and so on."""
        found = self.people.setdefault(person, Person())
        stamp = self.stamp()
        found.fields = {"created_at": stamp} | found.fields | {**fields, "updated_at": stamp}
        self._tell("person", person)
        return found

    def new_person(self, **fields: Any) -> str:
        """Somebody whom the ATS names; the id."""
        # Changes are never fewer, so that the name of somebody who was deleted is not given again.
        name = f"p-{len(self.changed) + 1}"
        while name in self.people:
            name += "b"
        self.add_person(name, **fields)
        return name

    def add_job(self, job: str, title: str, **fields: Any) -> None:
        """A job, open unless `is_open` says otherwise: `skills`, `city`, `country`, `seniority`, `url`."""
        self.jobs[job] = {"id": job, "title": title, "is_open": True, **fields, "updated_at": self.stamp()}
        self._tell("job", job)

    def apply(self, person: str, job: str, *, stage: str = "applied", **fields: Any) -> str:
        """Somebody applies; the application's id."""
        found = self.people.setdefault(person, Person())
        number = f"{person}-{len(found.applications) + 1}"
        title = self.jobs.get(job, {}).get("title", job)
        stamp = self.stamp()
        new = {"id": number, "job": title, "job_id": job, "stage": stage, "status": "active", "applied_at": stamp}
        found.applications.insert(0, {**new, **fields, "updated_at": stamp})
        self._tell("application", number, person=person, deed="applied")
        return number

    def end(self, application: str, how: Literal["rejected", "withdrawn", "hired"], *, reason: str = "") -> None:
        """A recruiter rejects or hires somebody, or they withdraw."""
        if reason:
            self.reasons.setdefault(reason, "them" if how == "withdrawn" else "us")
        on = self.moment().date().isoformat()
        ended = {"rejected_on": on} if how == "rejected" else {}
        self.change(application, deed=how, status=how, reason=reason, **ended)

    def reopen(self, application: str) -> None:
        """The end is taken back."""
        _, found = self.find_application(application)
        deed = "unhired" if found.get("status") == "hired" else "reopened"
        self.change(application, deed=deed, status="active", reason="", rejected_on=None)

    def change(self, application: str, *, deed: str = "changed", **fields: Any) -> None:
        """Anything else, such as `stage` or `recruiter`."""
        person, found = self.find_application(application)
        found |= {**fields, "updated_at": self.stamp()}
        self._tell("application", application, person=person, deed=deed)

    def merge(self, gone: str, kept: str) -> None:
        """Two people were one: the old id leads to the other, who has everything of both."""
        old, new = self.people[gone], self.people[kept]
        for number, row in numbered(gone, old):
            row["id"] = number  # as it was called before
        new.applications[:0] = old.applications
        new.fields["emails"] = list(dict.fromkeys([*new.emails, *old.emails]))
        new.tags = list(dict.fromkeys([*new.tags, *old.tags]))
        new.notes = [*new.notes, *old.notes]
        new.fields["updated_at"] = self.stamp()
        self.people[gone] = Person(fields={"merged_into": kept})
        self._tell("merged", gone, new_id=kept)

    def remove(self, person: str) -> None:
        """Somebody is deleted."""
        known = self.people.pop(person, None)
        stamp = self.stamp()
        gone = [number for number, _ in (numbered(person, known) if known else ())]
        self.removed += [(number, stamp) for number in gone]
        self._tell("deleted", person, applications=gone)

    def tag(self, person: str, tags: list[str]) -> None:
        """Exactly these tags."""
        known = self.people[person]
        self.tags += [tag for tag in tags if tag not in self.tags]
        known.tags = list(tags)
        known.fields["updated_at"] = self.stamp()

    def find_application(self, application: str) -> tuple[str, dict[str, Any]]:
        """The person and their application; KeyError for an unknown one."""
        for person, number, found in self.applications():
            if number == application:
                return person, found
        raise KeyError(application)

    def applications(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every application, with its person and its id."""
        for person, known in self.present():
            for number, row in numbered(person, known):
                yield person, number, row

    def present(self) -> list[tuple[str, Person]]:
        """Everybody who was not merged into somebody else."""
        return [(name, known) for name, known in self.people.items() if "merged_into" not in known.fields]

    def why(self, row: Mapping[str, Any]) -> str | None:
        """The reason of an application's end, as vendors have it: who withdrew has one that says so."""
        reason = str(row.get("reason") or "")
        if row.get("status") == "withdrawn" and self.reasons.get(reason) != "them":
            return WITHDREW
        return HIRED if row.get("status") == "hired" else reason or None

    def all_reasons(self) -> dict[str, str]:
        """Why applications end, and who ends them by that; also what only an application says."""
        said = {text: "us" for *_, row in self.applications() if (text := self.why(row))}
        return {**said, **self.reasons}

    def number(self, kind: str, name: str) -> int:
        """The number of a thing, the same one for ever."""
        return self.names.setdefault(f"{kind}:{name}", _FIRST_NUMBER + len(self.names))

    def named(self, kind: str, number: object) -> str:
        """The thing of a number; KeyError when there is none of this kind."""
        for name, known in self.names.items():
            if known == number and name.startswith(f"{kind}:"):
                return name.partition(":")[2]
        raise KeyError(number)

    def moment(self) -> datetime:
        """What time it is in this world."""
        if self.now is not None:
            return self.now
        return self.clock() if self.clock else _BEGINNING + timedelta(seconds=self.ticks)

    def stamp(self) -> str:
        """The time of a change."""
        self.ticks += 1
        return self.moment().isoformat()

    def _tell(self, kind: str, number: str, **more: Any) -> None:
        if kind in ("person", "application", "job"):
            self.number(kind, number)  # numbers grow with time
        self.changed.append((kind, number))
        self.due.append({"delivery": f"d-{len(self.changed)}", "kind": kind, "id": number, **more})


def numbered(person: str, known: Person) -> list[tuple[str, dict[str, Any]]]:
    """Each application with its id; one without a name of its own is numbered from the oldest on."""
    count = len(known.applications)
    return [(str(row.get("id") or f"{person}-{count - at}"), row) for at, row in enumerate(known.applications)]


def shown(person: str, known: Person) -> Mapping[str, Any]:
    """A person as the API shows them."""
    return {**known.fields, "id": person, "tags": known.tags}
