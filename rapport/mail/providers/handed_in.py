"""A mail that a provider has received for us and hands in, whichever way it was taken apart."""

from dataclasses import dataclass, field
from typing import Protocol

from rapport.mail.providers.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """The mail as bytes, its envelope written before it.

    `single_use` is a proof that says nothing of the mail, so that it must vouch for one mail only.
    """

    raw: bytes = field(repr=False)
    single_use: str | None = field(default=None, repr=False)


class MailSource(Protocol):
    """One provider, with the secrets that its calls are checked with."""

    def read(self, call: Call) -> HandedIn:
        """Check a call and read its mail, raw where the provider offers that, else written anew from its parts.

        CallRefused, and nothing of it may be used. Calls block for a moment with large mails.
        """
        ...
