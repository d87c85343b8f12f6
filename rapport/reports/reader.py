"""Who reads a previewed mail: somebody made up, a sample of whom everything is known, or a stored person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from rapport.crm.fitting_roles import OpenJob
from rapport.dsl.catalogue import Kind
from rapport.dsl.project import Project
from rapport.engine.situation import Situation
from rapport.reports.stored_people import StoredPerson
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.people import CandidateRow

# What a file may say of a candidate and a row keeps as it is; the others are in tables of their own.
_TEXTS = ("first_name", "last_name", "email", "locale", "timezone", "country", "city", "seniority", "source", "stage")
_DAYS = ("joined_on", "last_contacted_on")
_SAMPLE_ROLES = tuple(
    OpenJob(title=title, city="Springfield", url=f"https://example.com/jobs/{number}", skills=("python",)).words()
    for number, title in enumerate(("Backend engineer", "Data engineer"), start=1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One reader, as rules and mails see them; `row` is in no database when they are made up."""

    candidate: Mapping[str, Any] = field(repr=False)
    consents: Mapping[str, datetime | None]
    row: CandidateRow = field(repr=False)
    ledger: Sequence[ConsentRow] = field(default=(), repr=False)
    event: Mapping[str, Any] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict, repr=False)
    roles: Sequence[Mapping[str, Any]] = ()

    def situation(self, purpose: str, at: datetime) -> Situation:
        """What the rules see: nothing has been sent yet."""
        return Situation(
            at=at,
            purpose=purpose,
            enrolled_at=at,
            candidate=self.candidate,
            consents=self.consents,
            event=self.event,
            application=self.application,
            roles=self.roles,
        )


def sample_reader(project: Project, at: datetime, tree: Mapping[str, Any]) -> Reader:
    """Somebody of whom everything is known, so that a mail can be read without a hole in it; `tree` changes fields."""
    company, day = project.organization, at.date()
    custom = {name: _sample(Kind(kind), day) for name, kind in project.custom_fields.items()}
    candidate = {
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.test",
        "locale": company.language,
        "timezone": company.zone,
        "country": company.country,
        "city": "Springfield",
        "seniority": "senior",
        "source": "career site",
        "stage": "interview",
        "skills": ["python", "sql"],
        "owner_recruiter": next(iter(project.people), None),
        "joined_on": (day - timedelta(days=30)).isoformat(),
        "last_contacted_on": (day - timedelta(days=14)).isoformat(),
        "score": 40,
        "custom": custom,
    }
    soon = at + timedelta(days=14)
    event = {
        "id": "sample-event",
        "type": "job-fair",
        "title": "Sample event",
        "city": "Springfield",
        "zone": company.zone,
        "starts_at": soon.isoformat(),
        "ends_at": (soon + timedelta(hours=3)).isoformat(),
    }
    application = {
        "id": "sample-application",
        "job": "Backend engineer",
        "stage": "interview",
        "status": "rejected",
        "outcome": "rejected",
        "reason": "another candidate",
        "rejected_on": (day - timedelta(days=60)).isoformat(),
    }
    sample: dict[str, dict[str, Any]] = {"candidate": candidate, "event": event, "application": application}
    reader = made_up_reader({key: {**known, **(tree.get(key) or {})} for key, known in sample.items()}, at)
    return replace(reader, roles=_SAMPLE_ROLES)


def made_up_reader(tree: Mapping[str, Any], at: datetime) -> Reader:
    """Somebody of whom only what `tree` says is known; it has the keys of a test case."""
    given = tree.get("candidate") or {}
    candidate = {"id": "c_made_up", "email": "made-up@people.test", **given}
    texts: dict[str, Any] = {name: candidate.get(name) for name in (*_TEXTS, "owner_recruiter")}
    days: dict[str, Any] = {name: _day(candidate.get(name)) for name in _DAYS}
    row = CandidateRow(id=str(candidate["id"]), recorded_at=at, **texts, **days)
    return Reader(
        candidate={key: value for key, value in candidate.items() if key != "consent"},
        consents=_consents(given.get("consent", ())),
        row=row,
        event=tree.get("event") or {},
        application=tree.get("application") or {},
    )


def stored_reader(stored: StoredPerson, tree: Mapping[str, Any]) -> Reader:
    """A person as the store keeps them; `tree` says what the event is."""
    person = stored.person
    return Reader(
        candidate=person.candidate,
        consents=person.consents,
        row=stored.row,
        ledger=stored.ledger,
        event=tree.get("event") or {},
        application={**person.application, **(tree.get("application") or {})},
        roles=stored.roles,
    )


def _consents(given: str | Sequence[str]) -> dict[str, datetime | None]:
    return dict.fromkeys([given] if isinstance(given, str) else given)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text[:10]) if isinstance(text, str) else None


def _sample(kind: Kind, day: date) -> Any:
    samples = {Kind.NUMBER: 7, Kind.BOOLEAN: True, Kind.DATE: day.isoformat(), Kind.LIST: ["one", "two"]}
    return samples.get(kind, "sample")
