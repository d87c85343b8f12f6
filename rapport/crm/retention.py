"""When somebody has been kept for long enough."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from rapport.dsl.retention import Limits

Why: TypeAlias = Literal["inactive", "rejected", "consent_expired"]

# What a person does themselves. An open is not among them: machines open mails, and reading is no contact.
CONTACTS: Final = (
    "clicked",
    "replied",
    "applied",
    "withdrew",
    "submitted",
    "registered_for_event",
    "attended",
    "cancelled_registration",
    "consent_given",
    "mails_paused",
    "mails_resumed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What counts about one person.

    `since` is when we got to know them, `heard_at` when they last did something, `rejected_at` when we last said no.
    `consents` says whether they agree to anything now; `expired_at` is when the last consent ran out, and None for who
    never gave one that did. `in_process` is whether they are a candidate for a job right now.
    """

    since: datetime
    heard_at: datetime | None = None
    rejected_at: datetime | None = None
    consents: bool = False
    expired_at: datetime | None = None
    in_process: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Since when a person should have been erased, and by which limit."""

    at: datetime
    why: Why


def due(person: Kept, limits: Limits, at: datetime) -> Due | None:
    """The limit that was over first; None while none is. Nobody is erased in the middle of a process."""
    if person.in_process:
        return None
    over = [each for each in _ends(person, limits) if each.at <= at]
    return min(over, key=lambda each: each.at, default=None)


def _ends(person: Kept, limits: Limits) -> list[Due]:
    """When each limit is over."""
    ends: list[Due] = []
    if limits.inactive is not None:
        last = max(filter(None, (person.since, person.heard_at)))
        ends.append(Due(at=last + limits.inactive.roughly(), why="inactive"))
    # Whoever agrees to be kept is kept for as long as that holds.
    if limits.rejected is not None and person.rejected_at is not None and not person.consents:
        ends.append(Due(at=person.rejected_at + limits.rejected.roughly(), why="rejected"))
    if limits.consent_expired is not None and person.expired_at is not None and not person.consents:
        ends.append(Due(at=person.expired_at + limits.consent_expired.roughly(), why="consent_expired"))
    return ends
