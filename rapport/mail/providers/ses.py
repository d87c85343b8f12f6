"""Amazon SES's events, published by SNS: believed for the topics of the settings only."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rapport.mail.providers.call import Call, CallRefused, Reading
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
from rapport.mail.providers.proof import LONG_WINDOW, check_age, refused
from rapport.mail.providers.ses_bounces import ses_bounce
from rapport.mail.providers.sns import CONFIRMATION, NOTIFICATION, Envelope, envelope

_KINDS: Mapping[str, EventKind] = {
    "Delivery": "delivered",
    "DeliveryDelay": "deferred",
    "Bounce": "bounced",
    "Reject": "bounced",
    "Rendering Failure": "bounced",
    "Complaint": "complained",
    "Subscription": "unsubscribed",
    "Open": "opened",
    "Click": "clicked",
}
# Where each event keeps its own part.
_PARTS: Mapping[str, str] = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}


class Amazon(Protocol):
    """What SNS's own servers are asked; both may raise TemporaryFailure."""

    async def certificate(self, url: str) -> bytes:
        """The certificate at an address that has been checked, in PEM."""
        ...

    async def confirm(self, url: str) -> None:
        """Confirm a subscription at an address that has been checked."""
        ...


@dataclass(frozen=True, slots=True)
class Ses:
    """SES by the topics that it publishes to."""

    topics: Collection[str]
    amazon: Amazon

    async def read(self, call: Call) -> Reading:
        """Check topic, age and signature, in this order: a stranger's call costs no request; then read the event.

        A confirmation of a subscription to one of the topics is confirmed on the spot.
        """
        outer = envelope(parsed("ses", call.body))
        if outer["TopicArn"] not in self.topics:
            raise refused("ses", "foreign")
        # SNS repeats a message with the time at which it was published.
        check_age("ses", outer.signed_at, call.at, LONG_WINDOW)
        outer.check(await self.amazon.certificate(outer.certificate_url), call.at)
        if outer["Type"] == NOTIFICATION:
            return _read(outer)
        if outer["Type"] == CONFIRMATION:
            await self.amazon.confirm(outer.subscribe_url)
        return Reading(events=(_about_topic(outer),))


def _about_topic(outer: Envelope) -> ProviderEvent:
    return ProviderEvent(
        provider="ses", id=event_id(outer["MessageId"]), kind="other", word=word(outer["Type"]), at=outer.signed_at
    )


def _read(outer: Envelope) -> Reading:
    events = tuple(_events(outer, mapping(_message(outer))))
    return Reading(events=events, broken=0 if events else 1)


def _message(outer: Envelope) -> object:
    """SNS's own test messages are plain text: believed, and no event."""
    try:
        return parsed("ses", outer["Message"])
    except CallRefused:
        return None


def _events(outer: Envelope, tree: Mapping[str, Any]) -> Iterator[ProviderEvent]:
    """One event for each address that it is about; our own mails have one."""
    name = text(tree, "eventType") or text(tree, "notificationType")
    if not name:
        return
    part = mapping(tree, _PARTS.get(name, name.lower()))
    for number, (address, said, status) in enumerate(_recipients(tree, part)):
        kind, bounce = _what(name, part, said, status)
        yield ProviderEvent(
            provider="ses",
            id=event_id(f"{outer['MessageId']}:{number}"),
            kind=kind,
            word=word(name),
            at=instant(text(part, "timestamp")) or instant(text(tree, "mail", "timestamp")) or outer.signed_at,
            address=address,
            token=_token(tree),
            message_ids=_message_ids(tree),
            bounce=bounce,
            everything=True,
            agent=text(part, "userAgent") or None,
            network=network(text(part, "ipAddress"), kind),
            url=text(part, "link"),
            diagnosis=said,
        )


def _recipients(tree: Mapping[str, Any], part: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Whom it is about, with the server's words and code; the mail's own recipients where it names nobody."""
    names = ("bouncedRecipients", "complainedRecipients", "delayedRecipients")
    told = [one for name in names for one in listed(part, name) if isinstance(one, Mapping)]
    if told:
        return [(text(one, "emailAddress"), text(one, "diagnosticCode"), text(one, "status")) for one in told]
    plain = listed(part, "recipients") or listed(tree, "mail", "destination")
    return [(clean(one), "", "") for one in plain if isinstance(one, str)] or [("", "", "")]


def _what(name: str, part: Mapping[str, Any], said: str, status: str) -> tuple[EventKind, Bounce | None]:
    match name:
        case "Bounce":
            found = ses_bounce(text(part, "bounceType"), text(part, "bounceSubType"), said, status=status)
            return "bounced", found
        case "Reject" | "Rendering Failure":
            return "bounced", "block"
        case "Complaint" if text(part, "complaintFeedbackType") == "not-spam":
            return "other", None
        case "Subscription" if mapping(part, "newTopicPreferences").get("unsubscribeAll") is not True:
            return "other", None
        case _:
            return _KINDS.get(name, "other"), None


def _headers(tree: Mapping[str, Any]) -> dict[str, str]:
    """The mail's headers as we wrote them; there only if the identity gives original headers back."""
    return {text(one, "name").lower(): text(one, "value") for one in listed(tree, "mail", "headers")}


def _token(tree: Mapping[str, Any]) -> str:
    tagged = [one for one in listed(tree, "mail", "tags", MARK) if isinstance(one, str)]
    return tagged[0] if tagged else _headers(tree).get(TOKEN_HEADER, "")


def _message_ids(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Ours comes back among the headers only: `mail.messageId` is SES's own."""
    headers = _headers(tree)
    own = (headers.get("message-id", ""), text(tree, "mail", "commonHeaders", "messageId"))
    return message_ids(*own)
