"""The demo ATS's people, applications and jobs as the records of Lever's API, version 1."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from rapport.ats.demo.guard import NoSuchRecordError
from rapport.ats.demo.world import DemoWorld, Person

Row: TypeAlias = dict[str, Any]
_LEAD = "lead-"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).isoformat()


def opportunities(world: DemoWorld) -> list[Row]:
    """Every application, and a lead for everybody who was only found."""
    found = [
        _opportunity(world, person, world.people[person], number, row) for person, number, row in world.applications()
    ]
    leads = [(name, known) for name, known in world.present() if known.sourced or not known.applications]
    return [_lead(name, known) for name, known in leads] + found


def deleted(world: DemoWorld) -> list[tuple[str, int]]:
    """The opportunities of whoever was deleted, each with when."""
    return [(number, _millis(at)) for number, at in world.removed]


def person_of(world: DemoWorld, opportunity: str) -> str:
    """Whose opportunity it is; NoSuchRecordError for an unknown one."""
    lead = opportunity.removeprefix(_LEAD)
    if opportunity.startswith(_LEAD) and lead in world.people:
        return lead
    return _applicant(world, opportunity)


def _applicant(world: DemoWorld, opportunity: str) -> str:
    try:
        return world.find_application(opportunity)[0]
    except KeyError as error:
        raise NoSuchRecordError from error


def reasons(world: DemoWorld) -> list[Row]:
    """Why opportunities are archived: a type for hires, and for everything else a text alone."""
    return [
        {
            "id": _reason(world, text),
            "text": text,
            "status": "active",
            "type": "hired" if by == "hire" else "non-hired",
        }
        for text, by in world.all_reasons().items()
    ]


def stages(world: DemoWorld) -> list[Row]:
    """The stages of a lead, and those that applications are in."""
    used = {str(row["stage"]) for *_, row in world.applications() if row.get("stage")}
    return [{"id": "lead-new", "text": "New lead"}] + [
        {"id": f"s-{world.number('stage', stage)}", "text": stage} for stage in sorted(used)
    ]


def users(world: DemoWorld) -> list[Row]:
    """The recruiters of applications."""
    emails = {str(row["recruiter_email"]) for *_, row in world.applications() if row.get("recruiter_email")}
    return [{"id": f"u-{world.number('user', email)}", "email": email, "name": email} for email in sorted(emails)]


def postings(world: DemoWorld) -> list[Row]:
    """The jobs."""
    known = {str(row.get("job_id") or row.get("job")): row for *_, row in world.applications() if row.get("job")}
    bare = {key: {"title": row["job"], "is_open": True} for key, row in known.items()}
    return [_posting(key, job) for key, job in {**bare, **world.jobs}.items()]


def _posting(key: str, job: Mapping[str, Any]) -> Row:
    return {
        "id": key,
        "text": job["title"],
        "state": "published" if job.get("is_open") else "closed",
        "tags": list(job.get("skills") or ()),
        "categories": {"location": job.get("city"), "level": job.get("seniority")},
        "country": job.get("country"),
        "urls": {"show": job.get("url")},
        "createdAt": _millis(job.get("opened_at")),
        "updatedAt": _millis(job.get("updated_at")),
    }


def archived(world: DemoWorld, row: Mapping[str, Any]) -> Row | None:
    """What an application's end is in Lever; None while it goes on."""
    if str(row.get("status") or "active") == "active":
        return None
    why = world.why(row)
    return {"reason": _reason(world, why) if why else None, "archivedAt": _millis(row.get("updated_at"))}


def _opportunity(world: DemoWorld, name: str, person: Person, number: str, row: Mapping[str, Any]) -> Row:
    changed = _millis(row.get("updated_at"))
    posting, recruiter = str(row.get("job_id") or row.get("job") or ""), row.get("recruiter_email")
    return _plain(name, person) | {
        "id": number,
        "stage": f"s-{world.number('stage', str(row['stage']))}" if row.get("stage") else "applicant-new",
        "origin": "sourced" if row.get("is_prospect") else "applied",
        "archived": archived(world, row),
        "applications": [{"id": f"a-{number}", "posting": posting}] if posting else [],
        "createdAt": _millis(row.get("applied_at")),
        "lastAdvancedAt": changed,
        "owner": f"u-{world.number('user', recruiter)}" if recruiter else None,
    }


def _lead(name: str, person: Person) -> Row:
    created = _millis(person.fields.get("created_at"))
    return _plain(name, person) | {"id": f"{_LEAD}{name}", "createdAt": created, "lastAdvancedAt": created}


def _plain(name: str, person: Person) -> Row:
    fields = person.fields
    names = [fields[key] for key in ("first_name", "last_name") if fields.get(key)]
    return {
        "contact": name,
        "name": " ".join(names),
        "headline": fields.get("headline") or "",
        "emails": person.emails,
        "phones": [],
        "links": list(fields.get("profiles") or ()),
        "tags": list(person.tags),
        "sources": [fields["source"]] if fields.get("source") else [],
        "stage": "lead-new",
        "origin": "sourced",
        "archived": None,
        "applications": [],
        # Most opportunities of Lever have none.
        "updatedAt": None,
        "owner": None,
        "isAnonymized": False,
    }


def _reason(world: DemoWorld, text: str) -> str:
    return f"r-{world.number('reason', text)}"


def _millis(stamp: object) -> int:
    return int(datetime.fromisoformat(str(stamp or _LONG_AGO)).timestamp() * 1000)
