"""What Workable says, in our words."""

from collections.abc import Mapping
from typing import Any

from rapport.ats.told import moment, name, part, rows, split_name, text, texts, two_letters, values
from rapport.crm.hiring import ApplicationStatus, AtsApplication, AtsJob, AtsPerson, HiringOutcome
from rapport.crm.outcomes import EndedBy, folded, outcome, slug

# A pool that the API has no call for is a tag; the prefix keeps it apart.
POOL = "pool: "
_STATUS: Mapping[HiringOutcome, ApplicationStatus] = {
    HiringOutcome.HIRED: "hired",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.CLOSED_JOB: "closed",
}


def person_of(row: Mapping[str, Any]) -> AtsPerson:
    """A candidate: in Workable somebody is one for each job."""
    first, last = split_name(text(row, "name"))
    email = text(row, "email")
    where = part(row, "location")
    return AtsPerson(
        id=name(row) or "",
        first_name=text(row, "firstname") or first,
        last_name=text(row, "lastname") or last,
        emails=(email,) if email else (),
        profiles=tuple(link for each in rows(row.get("social_profiles")) if (link := text(each, "url")))
        or values(row.get("social_profiles")),
        country=two_letters(text(where, "country_code")),
        city=text(where, "city"),
        headline=text(row, "headline"),
        source=text(row, "common_source"),
        tags=texts(row.get("tags")),
        is_anonymized=row.get("anonymized") is True,
        updated_at=moment(row, "updated_at"),
    )


def application_of(row: Mapping[str, Any], withdrawals: frozenset[str]) -> AtsApplication:
    """The candidate's one application; `withdrawals` are the reasons, folded, by which candidates withdraw."""
    reason = text(row, "disqualification_reason")
    ended = _ended(row, reason, withdrawals)
    disqualified_at = moment(row, "disqualified_at")
    job = part(row, "job")
    return AtsApplication(
        id=name(row) or "",
        person=name(row) or "",
        status="active" if ended is None else _STATUS.get(ended, "rejected"),
        job=text(job, "shortcode"),
        job_title=text(job, "title"),
        stage=slug(text(row, "stage")),
        outcome=ended,
        reason=slug(reason) if ended else None,
        raw_reason=reason if ended else None,
        rejected_on=disqualified_at.date() if disqualified_at and ended else None,
        is_prospect=not job or (row.get("sourced") is True and row.get("stage_kind") == "sourced"),
        applied_at=moment(row, "created_at"),
        updated_at=moment(row, "updated_at"),
    )


def job_of(row: Mapping[str, Any]) -> AtsJob:
    """A job; only a published one is open."""
    where = part(row, "location")
    return AtsJob(
        id=text(row, "shortcode") or "",
        title=text(row, "title") or "",
        is_open=row.get("state") == "published",
        skills=tuple(dict.fromkeys(skill.lower() for skill in texts(row.get("keywords")))),
        city=text(where, "city"),
        country=two_letters(text(where, "country_code")),
        seniority=text(row, "experience"),
        url=text(row, "url"),
        opened_at=moment(row, "created_at"),
        updated_at=moment(row, "updated_at"),
    )


def _ended(row: Mapping[str, Any], reason: str | None, withdrawals: frozenset[str]) -> HiringOutcome | None:
    """Disqualified comes first: somebody who was hired and then disqualified is not hired any more."""
    if row.get("disqualified") is True:
        theirs = row.get("withdrew") is True or folded(reason or "") in withdrawals
        return outcome(EndedBy.THEM if theirs else EndedBy.US, reason)
    hired = moment(row, "hired_at") is not None or row.get("stage_kind") == "hired"
    return HiringOutcome.HIRED if hired else None
