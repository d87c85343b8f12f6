"""What is known about one enrollment at one instant: the only input of the rules for waits, conditions and sends.

Both runtimes fill it, one from the store and one from memory; the rules themselves exist once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """What became of one mail of this enrollment; None is "not (yet)". Only human opens and clicks count."""

    sent: datetime | None = None
    opened: datetime | None = None
    clicked: datetime | None = None
    replied: datetime | None = None
    bounced: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One enrollment, seen at one instant.

    `candidate`, `event` and `application` hold the catalog's fields by their bare names (`first_name`), as plain
    values; an unknown value is absent or None. Dates may be ISO text, dates or datetimes; a text without an offset
    is local to the event's zone. `event` with `cancelled: true` has no dates any more.
    `consents` maps a purpose with valid consent to when it expires (None: never).
    `paused_until` is when mails may go again that the person has paused.
    `quiet` maps an event of the contact policy's `quiet_after` to when it last happened to this person.
    `ats` is the application as the ATS told it last; empty when nobody asked. `roles` are open jobs that fit, filled
    for a mail that shows them.
    """

    at: datetime
    purpose: str
    enrolled_at: datetime
    candidate: Mapping[str, Any]
    consents: Mapping[str, datetime | None]
    event: Mapping[str, Any] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict)
    mails: Mapping[str, MailFacts] = field(default_factory=dict)
    reads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    back_on: date | None = None
    paused_until: datetime | None = None
    quiet: Mapping[str, datetime] = field(default_factory=dict)
    ats: Mapping[str, Any] = field(default_factory=dict)
    roles: Sequence[Mapping[str, Any]] = ()
