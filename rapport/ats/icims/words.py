"""What iCIMS says, in our words; where its public pages do not name a field, nothing is taken."""

import re
from collections.abc import Mapping
from typing import Any

from rapport.ats.told import moment, name, part, rows, text, two_letters
from rapport.crm.hiring import ApplicationStatus, AtsApplication, AtsJob, AtsPerson, HiringOutcome
from rapport.crm.outcomes import EndedBy, folded, outcome, slug

# A status ends an application only when it says so: "Interview" does not.
_OVER = re.compile(r"reject|not selected|disqualif|withdr|declin|\bhired\b|filled|closed|cancel")
_OURS = re.compile(r"reject|not selected|disqualif")
_STATUS: Mapping[HiringOutcome, ApplicationStatus] = {
    HiringOutcome.HIRED: "hired",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.CLOSED_JOB: "closed",
}


def person_of(number: str, row: Mapping[str, Any]) -> AtsPerson:
    """A person."""
    email = text(row, "email")
    where = next(iter(rows(row.get("addresses"))), {})
    return AtsPerson(
        id=number,
        first_name=text(row, "firstname"),
        last_name=text(row, "lastname"),
        emails=(email,) if email else (),
        country=two_letters(text(part(where, "addresscountry"), "abbrev")),
        city=text(where, "addresscity"),
        updated_at=_date(row),
    )


def application_of(number: str, row: Mapping[str, Any]) -> AtsApplication:
    """A workflow: the base profile is the job, the associated one the person."""
    status = text(part(row, "status"), "value") or text(row, "status") or ""
    words = folded(status)
    ended = outcome(EndedBy.US if _OURS.search(words) else EndedBy.UNSAID, status) if _OVER.search(words) else None
    if ended is not None and re.search(r"\bhired\b", words) and not _OURS.search(words):
        ended = HiringOutcome.HIRED
    changed = _date(row)
    return AtsApplication(
        id=number,
        person=name(part(row, "associatedprofile")) or "",
        status="active" if ended is None else _STATUS.get(ended, "rejected"),
        job=name(part(row, "baseprofile")),
        job_title=text(part(row, "baseprofile"), "value"),
        stage=slug(status),
        outcome=ended,
        reason=slug(status) if ended else None,
        raw_reason=status if ended else None,
        rejected_on=changed.date() if changed and ended else None,
        updated_at=changed,
    )


def job_of(number: str, row: Mapping[str, Any]) -> AtsJob:
    """A job; it is open while its folder says so."""
    folder = folded(text(part(row, "folder"), "value") or text(row, "folder") or "")
    return AtsJob(id=number, title=text(row, "jobtitle") or "", is_open="open" in folder, updated_at=_date(row))


def _date(row: Mapping[str, Any]) -> Any:
    return moment(row, "updateddate")
