"""Limits of a whole installation: how many mails a mail domain gets, and which harm stops a sender."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from rapport.dsl.project import ContactPolicy

_RATE = re.compile(r"([1-9][0-9]*) per (second|minute|hour|day)")
_UNITS: Mapping[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
_ALL_OTHERS = "default"
# Mailbox providers judge a sender day by day.
GUARDED: Final = timedelta(days=1)
# One angry reader of a small team is no rate, and neither is a typing mistake in an import.
_FEWEST: Mapping[str, int] = {"complained": 2, "bounced": 5}
# Gmail and Yahoo ask senders to stay below 0.1 %, and begin to refuse at 0.3 %.
WARNED_AT: Final = Fraction(1, 1000)
_LIMITS: Mapping[str, str] = {"complained": "complaint_rate", "bounced": "bounce_rate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most so many mails in any `per`."""

    mails: int
    per: timedelta

    def turn(self, now: datetime, nth_latest: datetime | None) -> datetime:
        """When the next mail has its turn; `nth_latest` is the turn that `mails` turns ago was given."""
        return now if nth_latest is None else max(now, nth_latest + self.per)


def rate_of(policy: ContactPolicy, domain: str) -> Rate | None:
    """What `per_domain` says of a mail domain; None without a limit."""
    text = policy.per_domain.get(domain.lower(), policy.per_domain.get(_ALL_OTHERS, ""))
    found = _RATE.fullmatch(text)
    return Rate(mails=int(found[1]), per=_UNITS[found[2]]) if found else None


def is_near_harm(*, complaints: int, mails: int) -> bool:
    """Whether so many complaints among so many mails of a day are to be looked into, whatever the policy says."""
    return complaints >= _FEWEST["complained"] and complaints >= WARNED_AT * max(mails, complaints)


def is_harmed(policy: ContactPolicy, kind: str, *, harm: int, mails: int) -> bool:
    """Whether so many complaints (`complained`) or bad addresses (`bounced`) among so many mails stop a sender."""
    limit = policy.stop_sender_at.get(_LIMITS.get(kind, ""))
    if limit is None or harm < _FEWEST[kind]:
        return False
    return harm * 100 >= Fraction(limit.removesuffix("%")) * max(mails, harm)
