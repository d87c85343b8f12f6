"""What Greenhouse says, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.ats.rails_zones import iana_name
from rapport.ats.told import latest, moment, name, part, rows, text, texts, values
from rapport.crm.hiring import ApplicationStatus, AtsApplication, AtsJob, AtsPerson, HiringOutcome
from rapport.crm.outcomes import EndedBy, outcome, slug

_ENDED_BY = {
    "WE_REJECTED_THEM": EndedBy.US,
    "THEY_REJECTED_US": EndedBy.THEM,
    "SECURITY_CONCERN": EndedBy.FRAUD,
    "NONE_SPECIFIED": EndedBy.UNSAID,
}
_STATUS: Mapping[HiringOutcome, ApplicationStatus] = {
    HiringOutcome.HIRED: "hired",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.CLOSED_JOB: "closed",
}
_FIELDS_OF_SKILLS = ("skills", "required_skills", "key_skills")
_FIELDS_OF_SENIORITY = ("seniority", "level", "job_level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What an application refers to by id: rejection reasons, details by application, jobs and users."""

    reasons: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    jobs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def person_of(row: Mapping[str, Any]) -> AtsPerson:
    """A candidate. One with linked users is an employee, and one without anything personal was anonymized."""
    emails = values(row.get("email_addresses"))
    first, last = text(row, "first_name"), text(row, "last_name")
    links = values(row.get("social_media_addresses")) + values(row.get("website_addresses"))
    may_mail = row.get("can_email")
    return AtsPerson(
        id=name(row) or "",
        first_name=text(row, "preferred_name") or first,
        last_name=last,
        emails=emails,
        profiles=links,
        timezone=iana_name(text(row, "time_zone")),
        headline=text(row, "title"),
        tags=texts(row.get("tags")),
        may_mail=may_mail if isinstance(may_mail, bool) else None,
        is_employee=bool(row.get("linked_user_ids")),
        is_anonymized=not (emails or links or rows(row.get("phone_numbers"))) and _has_no_name(first, last),
        updated_at=latest(moment(row, "updated_at"), moment(row, "last_activity_at")),
        custom=_custom(row),
    )


def application_of(row: Mapping[str, Any], around: Around) -> AtsApplication:
    """An application; a prospect that became a candidate (`converted`) is told by the new one."""
    number = name(row) or ""
    reason = _reason(row, around.details.get(number, {}), around)
    ended = _ended(row, reason)
    job = name(row, "job_id") or _first(row.get("prospective_job_ids"))
    recruiter = around.users.get(name(row, "recruiter_id") or "", {})
    rejected_at = moment(row, "rejected_at")
    is_rejected = row.get("status") == "rejected"
    return AtsApplication(
        id=number,
        person=name(row, "candidate_id") or "",
        status=_status(row, ended),
        job=job,
        job_title=text(around.jobs.get(job or "", {}), "name"),
        stage=slug(text(row, "stage_name")),
        outcome=ended,
        reason=slug(text(reason, "name")) if is_rejected else None,
        raw_reason=text(reason, "name") if is_rejected else None,
        rejected_on=rejected_at.date() if rejected_at and is_rejected else None,
        recruiter_email=text(recruiter, "primary_email"),
        is_prospect=row.get("prospect") is True,
        applied_at=moment(row, "created_at"),
        updated_at=latest(moment(row, "updated_at"), moment(row, "last_activity_at")),
    )


def job_of(row: Mapping[str, Any]) -> AtsJob:
    """A job; drafts and templates are not open."""
    custom = _custom(row)
    return AtsJob(
        id=name(row) or "",
        title=text(row, "name") or "",
        is_open=row.get("status") == "open" and row.get("is_template") is not True,
        skills=tuple(dict.fromkeys(skill for key in _FIELDS_OF_SKILLS for skill in _listed(custom.get(key)))),
        seniority=next((str(custom[key]) for key in _FIELDS_OF_SENIORITY if custom.get(key)), None),
        opened_at=moment(row, "opened_at"),
        closed_at=moment(row, "closed_at"),
        updated_at=moment(row, "updated_at"),
    )


def _ended(row: Mapping[str, Any], reason: Mapping[str, Any]) -> HiringOutcome | None:
    match row.get("status"):
        case "hired":
            return HiringOutcome.HIRED
        case "rejected":
            key = text(part(reason, "type"), "key") or ""
            return outcome(_ENDED_BY.get(key, EndedBy.UNSAID), text(reason, "name"))
        case "converted":
            return HiringOutcome.OTHER
        case _:
            return None


def _status(row: Mapping[str, Any], ended: HiringOutcome | None) -> ApplicationStatus:
    if ended is None:
        return "active"
    return "closed" if row.get("status") == "converted" else _STATUS.get(ended, "rejected")


def _reason(row: Mapping[str, Any], detail: Mapping[str, Any], around: Around) -> Mapping[str, Any]:
    number = name(detail, "rejection_reason_id") or name(row, "rejection_reason_id")
    return around.reasons.get(number or "", {})


def _custom(row: Mapping[str, Any]) -> Mapping[str, object]:
    """Custom fields by name: each is an object with a value, or the value itself."""
    found = part(row, "custom_fields")
    return {key: value.get("value") if isinstance(value, dict) else value for key, value in found.items()}


def _listed(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    return tuple(skill.lower() for skill in texts(given))


def _first(found: object) -> str | None:
    return name({"id": found[0]}) if isinstance(found, list) and found else None


def _has_no_name(first: str | None, last: str | None) -> bool:
    """Greenhouse wants names of everybody: none is left, or a word instead, of whom was anonymized."""
    return all(part is None or "redacted" in part.lower() or "anonym" in part.lower() for part in (first, last))
