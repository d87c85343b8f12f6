"""SendGrid's event webhook: ECDSA on P-256 over timestamp and body; one call holds many events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from rapport.errors import ConfigurationError
from rapport.mail.providers.blame import blame, no_worse
from rapport.mail.providers.call import Call, Reading
from rapport.mail.providers.event import Bounce, EventKind, ProviderEvent
from rapport.mail.providers.marks import MARK
from rapport.mail.providers.payload import event_id, instant, mapping, message_ids, network, parsed, text, word
from rapport.mail.providers.proof import USUAL_WINDOW, check_age, epoch, from_base64, refused

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_KINDS: Mapping[str, EventKind] = {
    "delivered": "delivered",
    "deferred": "deferred",
    "bounce": "bounced",
    "dropped": "bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "open": "opened",
    "click": "clicked",
}
# Why SendGrid did not even try: what it remembers of the address.
_DROPPED: Mapping[str, tuple[EventKind, Bounce | None]] = {
    "bounced address": ("bounced", "hard"),
    "invalid": ("bounced", "hard"),
    "spam reporting address": ("complained", None),
    "unsubscribed address": ("unsubscribed", None),
}
_CLASSES: Mapping[str, Bounce] = {
    "invalid address": "hard",
    "mailbox unavailable": "soft",
    "technical": "soft",
    "content": "block",
    "reputation": "block",
    "frequency/volume": "block",
    "frequency or volume too high": "block",
}


@dataclass(frozen=True, slots=True)
class SendGrid:
    """SendGrid with the public keys of its webhooks."""

    keys: Sequence[EllipticCurvePublicKey] = field(repr=False)
    window: timedelta = USUAL_WINDOW

    async def read(self, call: Call) -> Reading:
        """Check the signature on the raw body, then read every entry for itself."""
        self.check(call)
        entries = parsed("sendgrid", call.body)
        if not isinstance(entries, list):
            raise refused("sendgrid", "unreadable")
        events = [_event(entry) for entry in entries if mapping(entry).get("event")]
        return Reading(events=tuple(events), broken=len(entries) - len(events))

    def check(self, call: Call) -> None:
        """Refuse a call that is not signed with one of the keys, or long ago."""
        signature, timestamp = call.header(_SIGNATURE), call.header(_TIMESTAMP)
        if not signature or not timestamp:
            raise refused("sendgrid", "unsigned")
        if not self._signed(from_base64(signature) or b"", timestamp.encode("utf-8", "replace") + call.body):
            raise refused("sendgrid", "forged")
        check_age("sendgrid", epoch(timestamp), call.at, self.window)

    def _signed(self, signature: bytes, said: bytes) -> bool:
        for key in self.keys:
            try:
                key.verify(signature, said, ECDSA(SHA256()))
            except InvalidSignature:
                continue
            return True
        return False


def public_key(encoded: str) -> EllipticCurvePublicKey:
    """Read a key as SendGrid's settings page shows it; ConfigurationError for anything else."""
    try:
        key = load_der_public_key(from_base64(encoded) or b"")
    except ValueError:
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ConfigurationError(
            "RAPPORT_SENDGRID_PUBLIC_KEY is no public key of SendGrid.",
            hint="Copy the verification key from Mail Settings, Event Webhook, Security.",
        )
    return key


def _event(entry: Mapping[str, Any]) -> ProviderEvent:
    name, reason = text(entry, "event"), text(entry, "reason")
    kind = _KINDS.get(name, "other")
    bounce: Bounce | None = None
    if name == "dropped":
        kind, bounce = _DROPPED.get(reason.lower(), ("bounced", "block"))
    elif kind == "bounced":
        bounce = _bounce(entry, reason)
    return ProviderEvent(
        provider="sendgrid",
        id=event_id(text(entry, "sg_event_id"), name, text(entry, "sg_message_id"), text(entry, "timestamp")),
        kind=kind,
        word=word(name),
        at=instant(entry.get("timestamp")),
        address=text(entry, "email"),
        token=text(entry, MARK),
        message_ids=message_ids(text(entry, "smtp-id")),
        bounce=bounce,
        everything=name != "group_unsubscribe",
        machine=entry.get("sg_machine_open") is True,
        agent=text(entry, "useragent") or None,
        network=network(text(entry, "ip"), kind),
        url=text(entry, "url"),
        diagnosis=reason or text(entry, "response"),
    )


def _bounce(entry: Mapping[str, Any], reason: str) -> Bounce:
    """SendGrid's own class decides where the server's words do not; `blocked` never closes an address."""
    group = _CLASSES.get(text(entry, "bounce_classification").lower())
    found = blame(reason, status=text(entry, "status"), otherwise=group or "hard")
    if text(entry, "type") == "blocked" or group in ("soft", "block"):
        return no_worse(found, group if group in ("soft", "block") else "block")
    return found
