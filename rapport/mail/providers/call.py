"""A provider's call as it came over the wire, and what became of reading it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from rapport.errors import RapportError
from rapport.mail.providers.event import ProviderEvent, ProviderName

# unsigned: no proof at all; forged: a proof that does not fit; stale: too old or from the future;
# replayed: a proof that has vouched for other words before; foreign: proven, and not meant for us;
# unreadable: the shape is not the provider's.
Reason: TypeAlias = Literal["unsigned", "forged", "stale", "replayed", "foreign", "unreadable"]


class CallRefused(RapportError):
    """A call that is not believed, or cannot be read; `reason` is a stable word for programs."""

    def __init__(self, *, provider: ProviderName, reason: Reason, message: str, hint: str) -> None:
        """Keep the stable reason beside the sentence."""
        self.provider, self.reason = provider, reason
        super().__init__(message, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: headers by names in small letters, the body as bytes, and when it came in (real time)."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime

    def header(self, *names: str) -> str:
        """The first of these headers that is there; empty when none is."""
        return next((self.headers[name] for name in names if self.headers.get(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a believed call says; `broken` entries could not be read and take none of the others with them.

    `single_use` is a proof that says nothing of the body, so that it must vouch for one body only.
    """

    events: tuple[ProviderEvent, ...] = ()
    broken: int = 0
    single_use: str | None = field(default=None, repr=False)


class Provider(Protocol):
    """One provider, with the secrets that its calls are checked with."""

    async def read(self, call: Call) -> Reading:
        """Check a call and read it; CallRefused, and nothing of it may be used.

        TemporaryFailure when the check needs somebody who is away: the provider will repeat the call.
        """
        ...
