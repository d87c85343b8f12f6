"""The demo ATS's people, applications and jobs as the tables of Greenhouse's Harvest API, version 3."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rapport.ats.demo.world import DemoWorld, Person
from rapport.ats.rails_zones import rails_name

Row: TypeAlias = dict[str, Any]
_LONG_AGO = "2020-01-01T00:00:00+00:00"
_STATUS = {"active": "in_process", "hired": "hired"}
_TYPES = {"us": "WE_REJECTED_THEM", "them": "THEY_REJECTED_US", "fraud": "SECURITY_CONCERN", "unsaid": "NONE_SPECIFIED"}


def table(world: DemoWorld, name: str) -> list[Row]:
    """All rows of a table; KeyError for one that there is not."""
    return _TABLES[name](world)


def _candidates(world: DemoWorld) -> list[Row]:
    return [_candidate(world, name, person) for name, person in world.present()]


def _candidate(world: DemoWorld, name: str, person: Person) -> Row:
    fields = person.fields
    newest = person.applications[0].get("updated_at") if person.applications else None
    return {
        "id": world.number("person", name),
        "first_name": fields.get("first_name"),
        "last_name": fields.get("last_name"),
        "preferred_name": None,
        "title": fields.get("headline"),
        "email_addresses": [{"value": email, "type": "personal"} for email in person.emails],
        "phone_numbers": [],
        "social_media_addresses": [{"value": link} for link in fields.get("profiles") or ()],
        "website_addresses": [],
        "time_zone": rails_name(fields.get("timezone")),
        "can_email": fields.get("may_mail", True),
        "tags": list(person.tags),
        "linked_user_ids": [world.number("user", name)] if fields.get("is_employee") else [],
        "custom_fields": {},
        **_dates(fields, newest),
        **fields.get("greenhouse", {}),
    }


def _applications(world: DemoWorld) -> list[Row]:
    oldest_first = reversed(list(world.applications()))
    real = [_application(world, person, number, row) for person, number, row in oldest_first]
    return real + [_prospect(world, person, pool) for person, pool in _prospects(world)]


def _application(world: DemoWorld, person: str, number: str, row: Mapping[str, Any]) -> Row:
    status = _STATUS.get(str(row.get("status") or "active"), "rejected")
    job, recruiter = row.get("job_id") or row.get("job"), row.get("recruiter_email")
    ended_at = f"{row['rejected_on']}T12:00:00+00:00" if row.get("rejected_on") else row.get("updated_at")
    return {
        "id": world.number("application", number),
        "candidate_id": world.number("person", person),
        "status": status,
        "prospect": row.get("is_prospect") is True,
        "stage_name": row.get("stage"),
        "job_id": world.number("job", str(job)) if job else None,
        "recruiter_id": world.number("user", recruiter) if recruiter else None,
        "rejected_at": (ended_at or _LONG_AGO) if status == "rejected" else None,
        **_dates({**row, "created_at": row.get("applied_at")}),
    }


def _prospects(world: DemoWorld) -> list[tuple[str, str]]:
    """Who is a prospect, in which pool; one who was only found is in none."""
    found: list[tuple[str, str]] = []
    for name, person in world.present():
        found += [(name, pool) for pool in person.pools]
        found += [(name, "")] if person.sourced and not person.pools else []
    return found


def _prospect(world: DemoWorld, person: str, pool: str) -> Row:
    return {
        "id": world.number("prospect", f"{person}/{pool}"),
        "candidate_id": world.number("person", person),
        "status": "in_process",
        "prospect": True,
        "stage_name": None,
        "job_id": None,
        "rejected_at": None,
        **_dates(world.people[person].fields),
    }


def _prospect_details(world: DemoWorld) -> list[Row]:
    return [
        {
            "application_id": world.number("prospect", f"{person}/{pool}"),
            "pool_id": world.number("pool", pool.casefold()) if pool else None,
            "id": world.number("detail", f"{person}/{pool}"),
        }
        for person, pool in _prospects(world)
    ]


def _details(world: DemoWorld) -> list[Row]:
    """One for each rejected application, except where the demo says that there is none."""
    return [
        {
            "id": world.number("rejection", number),
            "application_id": world.number("application", number),
            "rejection_reason_id": world.number("reason", why) if (why := world.why(row)) else None,
        }
        for _, number, row in world.applications()
        if str(row.get("status") or "active") not in _STATUS
    ]


def _reasons(world: DemoWorld) -> list[Row]:
    return [
        {
            "id": world.number("reason", text),
            "name": text,
            "type": {"id": at, "key": _TYPES[by], "name": _TYPES[by].replace("_", " ").capitalize()},
        }
        for at, (text, by) in enumerate(world.all_reasons().items(), 1)
        if by in _TYPES
    ]


def _tags(world: DemoWorld) -> list[Row]:
    used = [tag for _, person in world.present() for tag in person.tags]
    return [{"id": world.number("tag", tag), "name": tag} for tag in dict.fromkeys([*world.tags, *used])]


def _applied(world: DemoWorld) -> list[Row]:
    return [
        {
            "id": world.number("applied", f"{name}/{tag}"),
            "candidate_id": world.number("person", name),
            "candidate_tag_id": world.number("tag", tag),
        }
        for name, person in world.present()
        for tag in person.tags
    ]


def _notes(world: DemoWorld) -> list[Row]:
    return [
        {
            "id": world.number("note", f"{name}/{at}"),
            "candidate_id": world.number("person", name),
            "body": note.get("text", ""),
            "type": "NOTE",
        }
        for name, person in world.present()
        for at, note in enumerate(person.notes)
    ]


def _pools(world: DemoWorld) -> list[Row]:
    named = {pool.casefold(): pool for pool in world.pools}
    return [{"id": world.number("pool", key), "name": pool, "active": True} for key, pool in named.items()]


def _jobs(world: DemoWorld) -> list[Row]:
    """The jobs, also those that were only applied for."""
    known = {str(row.get("job_id") or row.get("job")): row for *_, row in world.applications() if row.get("job")}
    bare = [_job(world, key, {"title": row["job"], "is_open": True}) for key, row in known.items()]
    return [row for row in bare if world.named("job", row["id"]) not in world.jobs] + [
        _job(world, key, job) for key, job in world.jobs.items()
    ]


def _job(world: DemoWorld, key: str, job: Mapping[str, Any]) -> Row:
    fields = {"skills": ", ".join(job.get("skills") or ()), "seniority": job.get("seniority")}
    return {
        "id": world.number("job", key),
        "name": job["title"],
        "status": "open" if job.get("is_open") else "closed",
        "is_template": False,
        "opened_at": job.get("opened_at"),
        "closed_at": job.get("closed_at"),
        "office_ids": [world.number("office", job["office"])] if job.get("office") else [],
        "custom_fields": {name: {"value": value} for name, value in fields.items() if value},
        **_dates(job),
    }


def _posts(world: DemoWorld) -> list[Row]:
    """One public post for each job that says where it is or how to read it."""
    return [
        {
            "id": world.number("post", key),
            "job_id": world.number("job", key),
            "title": job["title"],
            "live": job.get("is_open") is True,
            "public_url": job.get("url"),
        }
        for key, job in world.jobs.items()
        if job.get("city") or job.get("url")
    ]


def _places(world: DemoWorld) -> list[Row]:
    return [
        {
            "id": world.number("place", key),
            "job_post_id": world.number("post", key),
            "city": job["city"],
            "country_short_name": job.get("country"),
        }
        for key, job in world.jobs.items()
        if job.get("city")
    ]


def _offices(world: DemoWorld) -> list[Row]:
    named = dict.fromkeys(job["office"] for job in world.jobs.values() if job.get("office"))
    return [{"id": world.number("office", name), "name": name, "location": name} for name in named]


def _users(world: DemoWorld) -> list[Row]:
    found = {str(row["recruiter_email"]) for *_, row in world.applications() if row.get("recruiter_email")}
    return [{"id": world.number("user", email), "primary_email": email} for email in sorted(found)]


def _dates(row: Mapping[str, Any], *others: object) -> Row:
    updated = str(row.get("updated_at") or _LONG_AGO)
    return {
        "created_at": row.get("created_at") or updated,
        "updated_at": updated,
        "last_activity_at": max([updated, *(str(other) for other in others if other)]),
    }


_TABLES: Mapping[str, Callable[[DemoWorld], list[Row]]] = {
    "candidates": _candidates,
    "applications": _applications,
    "candidate_tags": _tags,
    "applied_candidate_tags": _applied,
    "notes": _notes,
    "rejection_reasons": _reasons,
    "rejection_details": _details,
    "prospect_pools": _pools,
    "prospect_details": _prospect_details,
    "jobs": _jobs,
    "job_posts": _posts,
    "job_post_searchable_locations": _places,
    "offices": _offices,
    "users": _users,
}
