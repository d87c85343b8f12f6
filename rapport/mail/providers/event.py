"""What any provider can tell of a mail of ours, in one form."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

ProviderName: TypeAlias = Literal["sendgrid", "mailgun", "postmark", "ses", "resend"]
EventKind: TypeAlias = Literal[
    "delivered", "deferred", "bounced", "complained", "unsubscribed", "opened", "clicked", "other"
]
Bounce: TypeAlias = Literal["hard", "soft", "block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One thing that a provider says happened to one mail to one address.

    `id` is the same when the provider tells it again. `word` is the provider's own name of it; all that a kind of
    `other` has, which changes nothing. `at` is None where it does not say when. `token` is what we wrote into the mail
    for ourselves, unread. `message_ids` are in the order in which to look for them. `bounce` is there for bounces
    only. `everything` unsubscribes from more than the purpose of the mail. `machine` is the provider's own verdict,
    and `agent` None where it names none; `network` is that of whoever opened or clicked, and nothing closer.
    """

    provider: ProviderName
    id: str
    kind: EventKind
    word: str
    at: datetime | None
    address: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    message_ids: tuple[str, ...] = ()
    bounce: Bounce | None = None
    everything: bool = False
    machine: bool = False
    agent: str | None = field(default=None, repr=False)
    network: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    diagnosis: str = field(default="", repr=False)
