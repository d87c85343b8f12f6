"""Resend's webhooks, signed after the Standard Webhooks rules: HMAC over id, timestamp and body."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from rapport.errors import ConfigurationError
from rapport.mail.providers.call import Call, Reading
from rapport.mail.providers.event import Bounce, EventKind, ProviderEvent
from rapport.mail.providers.marks import MARK, TOKEN_HEADER
from rapport.mail.providers.payload import (
    clean,
    event_id,
    instant,
    listed,
    mapping,
    message_ids,
    network,
    parsed,
    text,
    word,
)
from rapport.mail.providers.proof import USUAL_WINDOW, check_age, epoch, from_base64, refused, same
from rapport.mail.providers.ses_bounces import ses_bounce

_PREFIX = "whsec_"
_VERSION = "v1,"
_MOST_SIGNATURES = 10  # one for each secret that a rotation keeps alive
_KINDS: Mapping[str, EventKind] = {
    "email.delivered": "delivered",
    "email.delivery_delayed": "deferred",
    "email.bounced": "bounced",
    "email.suppressed": "bounced",
    "email.failed": "bounced",
    "email.complained": "complained",
    "email.opened": "opened",
    "email.clicked": "clicked",
}


@dataclass(frozen=True, slots=True)
class Resend:
    """Resend with the secrets of its webhooks, decoded."""

    secrets: Sequence[bytes] = field(repr=False)

    async def read(self, call: Call) -> Reading:
        """Check any of the signatures with any of the secrets, then read the event."""
        number, timestamp, signatures = (
            call.header(f"svix-{name}", f"webhook-{name}") for name in ("id", "timestamp", "signature")
        )
        if not (number and timestamp and signatures):
            raise refused("resend", "unsigned")
        if not self._signed(signatures, f"{number}.{timestamp}.".encode("utf-8", "replace") + call.body):
            raise refused("resend", "forged")
        check_age("resend", epoch(timestamp), call.at, USUAL_WINDOW)
        tree = parsed("resend", call.body)
        if not isinstance(tree, Mapping):
            raise refused("resend", "unreadable")
        events = (_event(tree, number),) if text(tree, "type") else ()
        return Reading(events=events, broken=1 - len(events))

    def _signed(self, signatures: str, said: bytes) -> bool:
        made = [hmac.digest(secret, said, hashlib.sha256) for secret in self.secrets]
        given = [one.removeprefix(_VERSION) for one in signatures.split(" ") if one.startswith(_VERSION)]
        decoded = [from_base64(one) or b"" for one in given[:_MOST_SIGNATURES]]
        return any(same(one, expected) for one in decoded for expected in made)


def signing_secret(text_: str) -> bytes:
    """Read a secret as Resend shows it; ConfigurationError for anything else."""
    key = from_base64(text_.removeprefix(_PREFIX)) if text_.startswith(_PREFIX) else None
    if not key:
        raise ConfigurationError(
            "RAPPORT_RESEND_SECRET is no signing secret of Resend.", hint="Copy it again: whsec_ and base64."
        )
    return key


def _event(tree: Mapping[str, Any], number: str) -> ProviderEvent:
    name, data = text(tree, "type"), mapping(tree, "data")
    kind = _KINDS.get(name, "other")
    click = mapping(data, "click") or mapping(data, "open")
    headers = {text(one, "name").lower(): text(one, "value") for one in listed(data, "headers")}
    recipients = [one for one in listed(data, "to") if isinstance(one, str)]
    return ProviderEvent(
        provider="resend",
        id=event_id(number),
        kind=kind,
        word=word(name),
        at=instant(text(click, "timestamp")) or instant(text(tree, "created_at")),
        address=parseaddr(clean(recipients[0]))[1] if recipients else "",
        token=text(data, "tags", MARK) or headers.get(TOKEN_HEADER, ""),
        message_ids=message_ids(headers.get("message-id", ""), text(data, "message_id")),
        bounce=_bounce(name, data) if kind == "bounced" else None,
        agent=text(click, "userAgent") or None,
        network=network(text(click, "ipAddress"), kind),
        url=text(click, "link"),
        diagnosis=text(data, "bounce", "message"),
    )


def _bounce(name: str, data: Mapping[str, Any]) -> Bounce:
    if name == "email.suppressed":
        return "hard"
    if name == "email.failed":
        return "block"
    bounce, said = mapping(data, "bounce"), text(data, "bounce", "message")
    if text(bounce, "type"):
        return ses_bounce(text(bounce, "type"), text(bounce, "subType"), said)
    # Without a type, Resend says it in English.
    about_address = "hard bounce" in said or "suppression list" in said
    return ses_bounce("Permanent" if about_address else "Undetermined", "", "")
