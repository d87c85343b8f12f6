"""What the demo ATS knows, and what recruiters and applicants do in it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

_BEFORE = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Person:
    """What the demo ATS knows of one candidate; applications are newest first."""

    fields: dict[str, Any] = field(default_factory=dict)
    applications: list[dict[str, Any]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DemoWorld:
    """People, jobs and what happens to them; every deed is a change that polls see and a delivery that is due.

    `now` stamps changes; `changed` lists (kind, id) in the order of time; `due` holds deliveries of the webhook.
    """

    people: dict[str, Person] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: list[tuple[str, str]] = field(default_factory=list)
    due: deque[dict[str, Any]] = field(default_factory=deque)
    now: datetime | None = None

    def add_person(self, person: str, **fields: Any) -> Person:
        """Somebody new, or with other fields: `emails`, `first_name`, `timezone` and so on."""
        found = self.people.setdefault(person, Person())
        found.fields |= {**fields, "updated_at": self._stamp()}
        self._tell("person", person)
        return found

    def add_job(self, job: str, title: str, **fields: Any) -> None:
        """A job, open unless `is_open` says otherwise: `skills`, `city`, `country`, `seniority`, `url`."""
        self.jobs[job] = {"id": job, "title": title, "is_open": True, **fields, "updated_at": self._stamp()}
        self._tell("job", job)

    def apply(self, person: str, job: str, *, stage: str = "applied", **fields: Any) -> str:
        """Somebody applies; the application's id."""
        found = self.people.setdefault(person, Person())
        number = f"{person}-{len(found.applications) + 1}"
        title = self.jobs.get(job, {}).get("title", job)
        stamp = self._stamp()
        new = {"id": number, "job": title, "job_id": job, "stage": stage, "status": "active", "applied_at": stamp}
        found.applications.insert(0, {**new, **fields, "updated_at": stamp})
        self._tell("application", number, person=person)
        return number

    def end(self, application: str, how: Literal["rejected", "withdrawn", "hired"], *, reason: str = "") -> None:
        """A recruiter rejects or hires somebody, or they withdraw."""
        on = (self.now or _BEFORE).date().isoformat()
        self.change(application, status=how, reason=reason, **({"rejected_on": on} if how == "rejected" else {}))

    def reopen(self, application: str) -> None:
        """The end is taken back."""
        self.change(application, status="active", reason="", rejected_on=None)

    def change(self, application: str, **fields: Any) -> None:
        """Anything else, such as `stage` or `recruiter`."""
        person, found = self.find_application(application)
        found |= {**fields, "updated_at": self._stamp()}
        self._tell("application", application, person=person)

    def merge(self, gone: str, kept: str) -> None:
        """Two people were one: the old id leads to the other."""
        old = self.people[gone]
        self.people[kept].applications[:0] = old.applications
        self.people[gone] = Person(fields={"merged_into": kept})
        self._tell("merged", gone, new_id=kept)

    def remove(self, person: str) -> None:
        """Somebody is deleted."""
        self.people.pop(person, None)
        self._tell("deleted", person)

    def find_application(self, application: str) -> tuple[str, dict[str, Any]]:
        """The person and their application; KeyError for an unknown one."""
        for person, known in self.people.items():
            for number, found in numbered(person, known):
                if number == application:
                    return person, found
        raise KeyError(application)

    def _stamp(self) -> str:
        return (self.now or _BEFORE).isoformat()

    def _tell(self, kind: str, number: str, **more: Any) -> None:
        self.changed.append((kind, number))
        self.due.append({"delivery": f"d-{len(self.changed)}", "kind": kind, "id": number, **more})


def numbered(person: str, known: Person) -> list[tuple[str, dict[str, Any]]]:
    """Each application with its id; one without a name of its own is numbered from the oldest on."""
    count = len(known.applications)
    return [(str(row.get("id") or f"{person}-{count - at}"), row) for at, row in enumerate(known.applications)]


def shown(person: str, known: Person) -> Mapping[str, Any]:
    """A person as the API shows them."""
    return {**known.fields, "id": person, "tags": known.tags}
