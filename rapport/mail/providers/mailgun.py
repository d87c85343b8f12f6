"""Mailgun's webhooks: HMAC over timestamp and token only, so that each token may vouch for one body only."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.mail.providers.blame import blame
from rapport.mail.providers.call import Call, Reading
from rapport.mail.providers.event import Bounce, EventKind, ProviderEvent
from rapport.mail.providers.marks import MARK
from rapport.mail.providers.payload import event_id, instant, mapping, message_ids, network, parsed, text, word
from rapport.mail.providers.proof import LONG_WINDOW, check_age, epoch, refused, same

_TOKEN = re.compile(r"[A-Za-z0-9]{20,100}")
_KINDS: Mapping[str, EventKind] = {
    "delivered": "delivered",
    "failed": "bounced",
    "rejected": "bounced",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
    "opened": "opened",
    "clicked": "clicked",
}
# Why Mailgun did not even try: what it remembers of the address.
_SUPPRESSED: Mapping[str, tuple[EventKind, Bounce | None]] = {
    "suppress-bounce": ("bounced", "hard"),
    "suppress-complaint": ("complained", None),
    "suppress-unsubscribe": ("unsubscribed", None),
    "605": ("bounced", "hard"),
    "606": ("unsubscribed", None),
    "607": ("complained", None),
}
_FIRST_OWN_CODE = 600  # Mailgun's own codes; they are none of SMTP


@dataclass(frozen=True, slots=True)
class Mailgun:
    """Mailgun with the signing keys of its webhooks."""

    keys: Sequence[bytes] = field(repr=False)

    async def read(self, call: Call) -> Reading:
        """Check the proof, then read the event; whoever takes it in lets each token vouch for one body only."""
        tree = parsed("mailgun", call.body)
        token = check_proof(self.keys, mapping(tree, "signature"), call.at)
        told = mapping(tree, "event-data")
        events = (_event(told),) if text(told, "event") else ()
        return Reading(events=events, broken=1 - len(events), single_use=token)


def check_proof(keys: Sequence[bytes], proof: Mapping[str, Any], at: datetime) -> str:
    """Check a proof and give its token, which is to vouch for one body only; CallRefused where it does not fit."""
    timestamp, token, signature = (text(proof, name) for name in ("timestamp", "token", "signature"))
    if not (timestamp and _TOKEN.fullmatch(token) and signature):
        raise refused("mailgun", "unsigned")
    made = (hmac.new(key, (timestamp + token).encode("utf-8"), hashlib.sha256).hexdigest() for key in keys)
    if not any(same(signature.encode("utf-8"), one.encode("ascii")) for one in made):
        raise refused("mailgun", "forged")
    # Mailgun repeats a call with the proof of the first time, for eight hours.
    check_age("mailgun", epoch(timestamp), at, LONG_WINDOW)
    return token


def _event(told: Mapping[str, Any]) -> ProviderEvent:
    name = text(told, "event")
    kind, bounce = _what(told, name)
    headers, client = mapping(told, "message", "headers"), mapping(told, "client-info")
    own = text(headers, "message-id")
    return ProviderEvent(
        provider="mailgun",
        id=event_id(text(told, "id"), name, text(told, "recipient"), text(told, "timestamp"), own),
        kind=kind,
        word=word(name),
        at=instant(told.get("timestamp")),
        address=text(told, "recipient"),
        token=text(told, "user-variables", MARK),
        message_ids=message_ids(own),
        bounce=bounce,
        everything=True,
        machine=bool(text(client, "bot")) or text(client, "client-type") in ("robot", "library"),
        agent=text(client, "user-agent") or None,
        network=network(text(told, "ip"), kind),
        url=text(told, "url"),
        diagnosis=_said(told),
    )


def _what(told: Mapping[str, Any], name: str) -> tuple[EventKind, Bounce | None]:
    if name == "rejected":
        return "bounced", "block"
    if name != "failed":
        return _KINDS.get(name, "other"), None
    if text(told, "severity") == "temporary":
        return "deferred", None
    code = text(told, "delivery-status", "code")
    known = _SUPPRESSED.get(text(told, "reason")) or _SUPPRESSED.get(code)
    return known or ("bounced", _bounce(told, int(code) if code.isascii() and code.isdigit() else 0))


def _bounce(told: Mapping[str, Any], code: int) -> Bounce:
    if text(told, "reason") == "espblock":
        return "block"
    if text(told, "reason") == "old":  # it tried for as long as it tries
        return "soft"
    return blame(_said(told), code=code if 0 < code < _FIRST_OWN_CODE else None, otherwise="hard")


def _said(told: Mapping[str, Any]) -> str:
    status = mapping(told, "delivery-status")
    return " ".join(part for part in (text(status, "message"), text(status, "description")) if part)
