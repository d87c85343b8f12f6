"""The demo ATS's people, applications and jobs as the records of Workable's API, version 3."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from rapport.ats.demo.guard import NoSuchRecordError
from rapport.ats.demo.world import DemoWorld, Person

Row: TypeAlias = dict[str, Any]
_LONG_AGO = "2020-01-01T00:00:00+00:00"
_OPEN = ("active", "hired")


def candidates(world: DemoWorld) -> list[Row]:
    """A candidate for each application, and one in the talent pool for everybody who was only found."""
    applied = [_applied(world, person, number, row) for person, number, row in world.applications()]
    pool = [(name, known) for name, known in world.present() if known.sourced or not known.applications]
    return [_plain(name, known) for name, known in pool] + applied


def person_of(world: DemoWorld, candidate: str) -> str:
    """Who a candidate is; NoSuchRecordError for an unknown one."""
    try:
        return candidate if candidate in world.people else world.find_application(candidate)[0]
    except KeyError as error:
        raise NoSuchRecordError from error


def reasons(world: DemoWorld) -> list[Row]:
    """Why candidates are disqualified."""
    return [
        {"id": f"r{at}", "description": text, "candidate_withdrew": by == "them", "position": at}
        for at, (text, by) in enumerate(world.all_reasons().items())
        if by != "hire"
    ]


def jobs(world: DemoWorld) -> list[Row]:
    """The jobs."""
    known = {str(row.get("job_id") or row.get("job")): row for *_, row in world.applications() if row.get("job")}
    bare = {key: {"title": row["job"], "is_open": True} for key, row in known.items()}
    return [_job(key, job) for key, job in {**bare, **world.jobs}.items()]


def _job(key: str, job: Mapping[str, Any]) -> Row:
    return {
        "id": key,
        "shortcode": key,
        "title": job["title"],
        "state": "published" if job.get("is_open") else "closed",
        "keywords": list(job.get("skills") or ()),
        "location": {"city": job.get("city"), "country_code": job.get("country")},
        "experience": job.get("seniority"),
        "url": job.get("url"),
        "created_at": job.get("opened_at"),
        "updated_at": job.get("updated_at") or _LONG_AGO,
    }


def _applied(world: DemoWorld, name: str, number: str, row: Mapping[str, Any]) -> Row:
    person, status = world.people[name], str(row.get("status") or "active")
    changed = max(str(row.get("updated_at") or _LONG_AGO), str(person.fields.get("updated_at") or _LONG_AGO))
    ended, is_hired = status not in _OPEN, status == "hired"
    job = str(row.get("job_id") or row.get("job") or "")
    return _plain(number, person) | {
        "job": {"shortcode": job, "title": row.get("job")} if job else None,
        "stage": row.get("stage"),
        "stage_kind": "hired" if is_hired else "interview",
        "sourced": row.get("is_prospect") is True,
        "disqualified": ended,
        "withdrew": status == "withdrawn",
        "disqualified_at": (row.get("updated_at") or _LONG_AGO) if ended else None,
        "disqualification_reason": world.why(row) if ended else None,
        "hired_at": row.get("updated_at") if is_hired else None,
        "created_at": row.get("applied_at") or changed,
        "updated_at": changed,
    }


def _plain(number: str, person: Person) -> Row:
    fields = person.fields
    changed = fields.get("updated_at") or _LONG_AGO
    names = [fields[key] for key in ("first_name", "last_name") if fields.get(key)]
    return {
        "id": number,
        "name": " ".join(names),
        "firstname": fields.get("first_name"),
        "lastname": fields.get("last_name"),
        "headline": fields.get("headline"),
        "email": next(iter(person.emails), None),
        "tags": list(person.tags),
        "location": {"city": fields.get("city"), "country_code": fields.get("country")},
        "job": None,
        "stage": "Sourced",
        "stage_kind": "sourced",
        "sourced": True,
        "anonymized": False,
        "disqualified": False,
        "withdrew": False,
        "disqualified_at": None,
        "disqualification_reason": None,
        "hired_at": None,
        "created_at": fields.get("created_at") or changed,
        "updated_at": changed,
    }
