"""What Lever says, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.ats.told import LONG_AGO, latest, moment, name, part, rows, split_name, text, texts, two_letters
from rapport.crm.hiring import ApplicationStatus, AtsApplication, AtsJob, AtsPerson, HiringOutcome
from rapport.crm.outcomes import EndedBy, outcome, slug

# A pool that Lever does not have is a tag; the prefix keeps it apart from the posting's own tags.
POOL = "pool: "
_LEAD = "lead-"
_APPLIED = "applied"
_STATUS: Mapping[HiringOutcome, ApplicationStatus] = {
    HiringOutcome.HIRED: "hired",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.CLOSED_JOB: "closed",
}
_OPEN_STATES = ("published", "internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What an opportunity refers to by id."""

    reasons: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    posting: Mapping[str, Any] = field(default_factory=dict)
    owner: Mapping[str, Any] = field(default_factory=dict)


def contact_of(opportunity: Mapping[str, Any]) -> str | None:
    """Whose opportunity it is; a contact may be given whole."""
    return name(opportunity, "contact") or name(part(opportunity, "contact"))


def person_of(contact: str, opportunities: Sequence[Mapping[str, Any]]) -> AtsPerson:
    """A contact by all of their opportunities, the newest of which counts for what there is one of."""
    newest = sorted(opportunities, key=lambda row: moment(row, "createdAt") or LONG_AGO, reverse=True)
    first, last = split_name(_first(newest, "name"))
    stamps = [moment(row, "updatedAt") for row in newest]
    return AtsPerson(
        id=contact,
        first_name=first,
        last_name=last,
        emails=_all(newest, "emails"),
        profiles=_all(newest, "links"),
        headline=_first(newest, "headline"),
        source=next(iter(_all(newest, "sources")), None),
        tags=_all(newest, "tags"),
        is_anonymized=bool(newest) and all(row.get("isAnonymized") is True for row in newest),
        # Lever leaves most of these dates empty; then nothing is older or newer than anything else.
        updated_at=latest(*stamps) if newest and all(stamps) else None,
    )


def application_of(row: Mapping[str, Any], around: Around) -> AtsApplication:
    """An opportunity. Archived says only that it is over: the reason's type and its text say how."""
    archived = part(row, "archived")
    reason = around.reasons.get(name(archived, "reason") or "", {})
    ended = _ended(archived, reason)
    stage = name(row, "stage") or name(part(row, "stage")) or ""
    archived_at = moment(archived, "archivedAt")
    posting = name(around.posting) or posting_of(row)
    return AtsApplication(
        id=name(row) or "",
        person=contact_of(row) or "",
        status="active" if ended is None else _STATUS.get(ended, "rejected"),
        job=posting,
        job_title=text(around.posting, "text"),
        stage=slug(text(around.stages.get(stage, {}), "text") or stage),
        outcome=ended,
        reason=slug(text(reason, "text")) if ended else None,
        raw_reason=text(reason, "text") if ended else None,
        rejected_on=archived_at.date() if archived_at and ended else None,
        recruiter_email=text(around.owner, "email"),
        is_prospect=row.get("origin") != _APPLIED and stage.startswith(_LEAD),
        applied_at=moment(row, "createdAt"),
        updated_at=moment(row, "updatedAt"),
    )


def posting_of(row: Mapping[str, Any]) -> str | None:
    """The posting of the latest application; None while applications are given by id only."""
    found = [name(each, "posting") or name(part(each, "posting")) for each in rows(row.get("applications"))]
    return next((posting for posting in reversed(found) if posting), None)


def job_of(row: Mapping[str, Any]) -> AtsJob:
    """A posting; what is in its location before the first comma is the city."""
    categories = part(row, "categories")
    urls = part(row, "urls")
    where = text(categories, "location") or ""
    return AtsJob(
        id=name(row) or "",
        title=text(row, "text") or "",
        is_open=row.get("state") in _OPEN_STATES,
        skills=tuple(dict.fromkeys(tag.lower() for tag in texts(row.get("tags")))),
        city=where.partition(",")[0].strip() or None,
        country=two_letters(text(row, "country")),
        seniority=text(categories, "level"),
        url=text(urls, "show"),
        opened_at=moment(row, "createdAt"),
        updated_at=moment(row, "updatedAt"),
    )


def _ended(archived: Mapping[str, Any], reason: Mapping[str, Any]) -> HiringOutcome | None:
    if not archived:
        return None
    ended_by = EndedBy.HIRE if reason.get("type") == "hired" else EndedBy.UNSAID
    return outcome(ended_by, text(reason, "text"))


def _first(found: Sequence[Mapping[str, Any]], key: str) -> str | None:
    return next((value for row in found if (value := text(row, key))), None)


def _all(found: Sequence[Mapping[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for row in found for value in texts(row.get(key))))
