"""Under which circumstances an ATS told us something."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rapport.clock import Clock
from rapport.dsl.project import AtsConnection, Project
from rapport.engine.places import zone_named

_NOWHERE = ZoneInfo("UTC")
_COUNTRY_LETTERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer of an ATS, on its way into the store.

    `asked_at` is when we asked: of two answers without dates of their own, the one that was asked for later counts.
    What happened before `since` is history. `whole`: everything about this person was read, with all applications.
    """

    clock: Clock
    pepper: bytes = field(repr=False)
    project: Project
    connection: AtsConnection
    asked_at: datetime
    since: datetime
    whole: bool

    @property
    def name(self) -> str:
        """The key of the connection, which is what people of this ATS are known by."""
        return self.connection.key

    def own_id(self, vendor_id: str) -> str:
        """What we call an application or a job of this ATS."""
        return f"{self.name}/{vendor_id}"

    def is_older(self, *, known_update: datetime | None, known_ask: datetime, update: datetime | None) -> bool:
        """Whether what is known is newer than this: by the ATS's own dates, else by when it was asked."""
        if known_update is not None and update is not None and known_update != update:
            return known_update > update
        return known_ask > self.asked_at

    def mark(self, value: str) -> str:
        """A keyed hash of something personal, enough to see that it has changed."""
        return hmac.digest(self.pepper, b"told\n" + value.encode(), hashlib.sha256).hex()[:16]


def clean_zone(name: str | None) -> str | None:
    """A time zone that exists."""
    return name if name and zone_named(name, otherwise=_NOWHERE).key == name else None


def clean_country(name: str | None) -> str | None:
    """The two letters of a country; a name in words decides no holidays."""
    short = (name or "").strip().upper()
    return short if len(short) == _COUNTRY_LETTERS and short.isascii() and short.isalpha() else None
