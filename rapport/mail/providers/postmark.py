"""Postmark's webhooks: nothing is signed, so that a login in the webhook's address is the proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.mail.providers.blame import blame, no_worse
from rapport.mail.providers.call import Call, Reading
from rapport.mail.providers.event import Bounce, EventKind, ProviderEvent
from rapport.mail.providers.marks import MARK
from rapport.mail.providers.payload import event_id, instant, network, parsed, text, word
from rapport.mail.providers.proof import check_login, refused

_KINDS: Mapping[str, EventKind] = {
    "Delivery": "delivered",
    "Bounce": "bounced",
    "SpamComplaint": "complained",
    "Open": "opened",
    "Click": "clicked",
}
# The types of bounces that are about the address, and those that are no bounce at all.
_BOUNCES: Mapping[str, tuple[EventKind, Bounce | None]] = {
    "HardBounce": ("bounced", "hard"),
    "BadEmailAddress": ("bounced", "hard"),
    "SoftBounce": ("bounced", "soft"),
    "Transient": ("bounced", "soft"),
    "DnsError": ("bounced", "soft"),
    "Undeliverable": ("bounced", "soft"),
    "SpamComplaint": ("complained", None),
    "Unsubscribe": ("unsubscribed", None),
    "AutoResponder": ("other", None),
    "AddressChange": ("other", None),
    "Subscribe": ("other", None),
    "OpenRelayTest": ("other", None),
    "ChallengeVerification": ("other", None),
    "ManuallyDeactivated": ("other", None),
}
_SUPPRESSED: Mapping[str, tuple[EventKind, Bounce | None]] = {
    "HardBounce": ("bounced", "hard"),
    "SpamComplaint": ("complained", None),
}
_TIMES = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")


@dataclass(frozen=True, slots=True)
class Postmark:
    """Postmark with the logins (`user:password`) that its webhooks' addresses hold."""

    logins: Sequence[bytes] = field(repr=False)

    async def read(self, call: Call) -> Reading:
        """Check the login, then read the event."""
        check_login("postmark", call.header("authorization"), self.logins)
        tree = parsed("postmark", call.body)
        if not isinstance(tree, Mapping) or not text(tree, "RecordType"):
            raise refused("postmark", "unreadable")
        return Reading(events=(_event(tree),))


def _event(tree: Mapping[str, Any]) -> ProviderEvent:
    record = text(tree, "RecordType")
    kind, bounce = _what(tree, record)
    when = next((tree[name] for name in _TIMES if tree.get(name)), None)
    address = text(tree, "Recipient") or text(tree, "Email")
    # Only bounces and complaints have a number of their own.
    number = text(tree, "ID") if record in ("Bounce", "SpamComplaint") else ""
    mail = text(tree, "MessageID")  # Postmark's own, and no Message-ID
    return ProviderEvent(
        provider="postmark",
        id=event_id(
            f"{record}:{number}" if number else "", record, mail, str(when), address, text(tree, "OriginalLink")
        ),
        kind=kind,
        word=word(text(tree, "Type") or record),
        at=instant(when),
        address=address,
        token=text(tree, "Metadata", MARK),
        bounce=bounce,
        everything=True,
        agent=text(tree, "UserAgent") or None,
        network=network(text(tree, "Geo", "IP"), kind),
        url=text(tree, "OriginalLink"),
        diagnosis=text(tree, "Details") or text(tree, "Description"),
    )


def _what(tree: Mapping[str, Any], record: str) -> tuple[EventKind, Bounce | None]:
    if record == "Bounce":
        return _BOUNCES.get(text(tree, "Type")) or ("bounced", _about_us(tree))
    if record == "SubscriptionChange":
        return _change(tree)
    return _KINDS.get(record, "other"), None


def _about_us(tree: Mapping[str, Any]) -> Bounce:
    """Blocked, SpamNotification, DMARCPolicy and the like: never a reason to close the address."""
    return no_worse(blame(text(tree, "Details"), otherwise="block"), "block")


def _change(tree: Mapping[str, Any]) -> tuple[EventKind, Bounce | None]:
    if tree.get("SuppressSending") is not True:
        return "other", None  # consent given anew needs a proof of our own
    reason = text(tree, "SuppressionReason")
    if reason in _SUPPRESSED:
        return _SUPPRESSED[reason]
    # What a colleague has suppressed at Postmark is no word of the person.
    return ("unsubscribed" if text(tree, "Origin") == "Recipient" else "other"), None
