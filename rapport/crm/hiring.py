"""What every applicant tracking system means by a person, an application and a job, in one vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

# Somebody who applied longer ago and is still said to be in a process has been forgotten there.
LONGEST_PROCESS: Final = timedelta(days=730)
# Who was merged twice leads on; a circle is a mistake of the ATS.
MOST_MERGES: Final = 5


class HiringOutcome(StrEnum):
    """How an application ended; only `rejected_by_us` may lead into a re-pool."""

    REJECTED_BY_US = "rejected_by_us"
    WITHDREW = "withdrew"
    HIRED = "hired"
    CLOSED_JOB = "closed_job"
    FRAUD = "fraud"
    OTHER = "other"


ApplicationStatus: TypeAlias = Literal["active", "rejected", "withdrawn", "hired", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsPerson:
    """A person as an ATS has them; `id` is the ATS's own. Personal data do not print.

    `emails` begins with the one that the ATS would write to. `timezone` is an IANA name, None when none was given or
    it is not known. `may_mail` is what the ATS knows of consent: False forbids, None and True prove nothing.
    `custom` holds the ATS's own fields by name. `merged_into` is the id that this one leads to now. `is_part`: the ATS
    may have more of them than this says, which is enough only for somebody new.
    """

    id: str
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    profiles: tuple[str, ...] = field(default=(), repr=False)
    timezone: str | None = None
    country: str | None = None
    city: str | None = None
    headline: str | None = field(default=None, repr=False)
    source: str | None = None
    tags: tuple[str, ...] = ()
    may_mail: bool | None = None
    is_employee: bool = False
    is_anonymized: bool = False
    merged_into: str | None = None
    is_part: bool = False
    updated_at: datetime | None = None
    custom: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsApplication:
    """One application; `person` and `job` are the ATS's own ids.

    `stage` is its name as a slug (`onsite`). `outcome` is None while the application is active. `reason` is the ATS's
    own reason as a slug (`stronger-candidate`), `raw_reason` its words. `is_prospect`: nobody applied, somebody
    was sourced. `updated_at` orders what is told twice or late.
    """

    id: str
    person: str
    status: ApplicationStatus
    job: str | None = None
    job_title: str | None = None
    stage: str | None = None
    outcome: HiringOutcome | None = None
    reason: str | None = None
    raw_reason: str | None = None
    rejected_on: date | None = None
    recruiter_email: str | None = field(default=None, repr=False)
    is_prospect: bool = False
    applied_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsJob:
    """A job; `skills` are what its text or fields name, lower case."""

    id: str
    title: str
    is_open: bool
    skills: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None
    seniority: str | None = None
    url: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None


HintKind: TypeAlias = Literal[
    "person", "application", "job", "merged", "deleted", "anonymized", "missing", "gone", "nothing"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsHint:
    """What a webhook claims: something about this object changed. It is read again before anybody acts.

    No webhook says `missing` and `gone`: we have asked for a person by their id in vain, or a list of what was deleted
    names an application.

    `key` is the delivery's own id, the same when it is delivered again. `new_id` is whom a merged person became.
    """

    key: str
    kind: HintKind
    id: str = ""
    person: str | None = None
    new_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsChanges:
    """One page of what changed since a cursor; ask again with `cursor`, at once when `more`.

    `gone` are applications that the ATS says to have deleted.
    """

    people: tuple[AtsPerson, ...] = ()
    applications: tuple[AtsApplication, ...] = ()
    jobs: tuple[AtsJob, ...] = ()
    gone: tuple[str, ...] = ()
    cursor: str = ""
    more: bool = False
