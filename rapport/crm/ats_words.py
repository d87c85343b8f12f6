"""An application in the words of the language, whatever the ATS calls it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from rapport.crm.hiring import AtsApplication, AtsPerson, HiringOutcome
from rapport.dsl.stages import ALUMNI, APPLICANT, CONSIDERATION, HIRED, IN_PROCESS, REJECTED

# What `application.outcome` and `application.status` say; only the first status leads into a re-pool.
_OUTCOMES = {
    HiringOutcome.REJECTED_BY_US: "rejected",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.HIRED: "hired",
    HiringOutcome.CLOSED_JOB: "closed_job",
    HiringOutcome.FRAUD: "fraud",
    HiringOutcome.OTHER: "other",
}
# What we tag people with of our own accord begins so: an ATS may have its own words by the hundred, as Lever has.
OWN_TAG = "rapport: "
_OPEN_WORDS = ("rejected", "withdrawn", "hired")
_A_DAY = timedelta(days=1)


def outcome_of(application: AtsApplication) -> str | None:
    """How it ended; None while it is active."""
    if application.outcome is not None:
        return _OUTCOMES[application.outcome]
    return None if application.status == "active" else "other"


def status_of(application: AtsApplication) -> str:
    """`rejected` means by us: whoever asks whether somebody is still rejected must not hear so of a fraud."""
    outcome = outcome_of(application)
    if outcome is None:
        return "active"
    return outcome if outcome in _OPEN_WORDS else "closed"


def is_active(application: AtsApplication) -> bool:
    """Whether somebody is in a process; a prospect has applied for nothing."""
    return outcome_of(application) is None and not application.is_prospect


def ended_at(application: AtsApplication, *, otherwise: datetime) -> datetime:
    """When it ended: by the ATS's last change, unless that was days later (a note, a merge)."""
    changed, day = application.updated_at, application.rejected_on
    if day is None:
        return changed or otherwise
    if changed is not None and abs((changed.date() - day).days) <= _A_DAY.days:
        return changed
    return datetime.combine(day, time(12), UTC)


def decisive(applications: Sequence[AtsApplication]) -> AtsApplication | None:
    """The one that a question about the person is about: the newest active one, else the newest."""
    active = [application for application in applications if is_active(application)]
    asked_for = [application for application in applications if not application.is_prospect]
    return next(iter([*active, *asked_for, *applications]), None)


def stage_of(
    before: str | None,
    *,
    hired: bool,
    under_way: Sequence[str | None],
    ended: str | None,
    news: Collection[str] = (),
    unhired: bool = False,
) -> str | None:
    """Where a person stands by all of their applications: the stages of those under way, and how the latest ended.

    A hire is for good, unless the ATS itself took it back (`unhired`). Who left us as alumni stays so for an old hire
    and for an end: only a hire that is `news`, and an application under way, lead away.
    """
    if hired and (before != ALUMNI or HIRED in news):
        return HIRED
    if before == HIRED and not unhired:
        return before
    if under_way:
        return APPLICANT if all(stage in (None, "applied") for stage in under_way) else IN_PROCESS
    if before == ALUMNI:
        return before
    return CONSIDERATION if ended == "withdrawn" else REJECTED


def application_words(application: AtsApplication, own_id: str) -> dict[str, Any]:
    """What `ats: {read: application}` answers; nothing that is not known."""
    rejected = outcome_of(application) == "rejected"
    words = {
        "id": own_id,
        "status": status_of(application),
        "stage": application.stage,
        "job": application.job_title or application.job,
        "outcome": outcome_of(application),
        "reason": application.reason if rejected else None,
        "rejected_on": application.rejected_on.isoformat() if rejected and application.rejected_on else None,
    }
    return {name: value for name, value in words.items() if value is not None}


def person_words(person: AtsPerson) -> dict[str, Any]:
    """What `ats: {read: candidate}` answers: plain words, the ATS's own fields among them."""
    words = {
        **{name: value for name, value in person.custom.items() if isinstance(value, str | int | float | bool)},
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "timezone": person.timezone,
        "country": person.country,
        "city": person.city,
        "headline": person.headline,
        "source": person.source,
        "tags": list(person.tags),
        "may_mail": person.may_mail,
        "is_employee": person.is_employee,
    }
    return {name: value for name, value in words.items() if value is not None}
