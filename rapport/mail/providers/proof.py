"""What all checks of signatures share: comparing without telling, and how old a proof may be."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rapport.mail.providers.call import CallRefused, Reason
from rapport.mail.providers.event import ProviderName

# What the Standard Webhooks libraries allow, in both directions: clocks differ, and a call takes its time.
USUAL_WINDOW = timedelta(minutes=5)
# Mailgun and SNS repeat a call that was not taken for hours, with the proof of the first time.
LONG_WINDOW = timedelta(hours=8)
_EPOCH_DIGITS = 12  # seconds until the year 33658; more digits are no time

_MESSAGES: dict[Reason, tuple[str, str]] = {
    "unsigned": ("The call carries no proof of who sent it.", "Turn on signing at the provider."),
    "forged": ("The proof does not fit the call.", "Compare the secret with the one that the provider shows."),
    "stale": ("The proof is too old, or from the future.", "Set both clocks, and do not send old calls again."),
    "replayed": ("The proof has been used for another call.", "Do not send a proof twice."),
    "foreign": ("The call is not meant for this installation.", "Send it where it belongs, or correct the settings."),
    "unreadable": ("The body is not what this provider sends.", "Look at the address of the webhook."),
}


def refused(provider: ProviderName, reason: Reason) -> CallRefused:
    """The error for a reason, in words; it repeats nothing of the call."""
    message, hint = _MESSAGES[reason]
    return CallRefused(provider=provider, reason=reason, message=message, hint=hint)


def same(given: bytes, expected: bytes) -> bool:
    """Compare without telling by the time it takes how much was right."""
    return hmac.compare_digest(given, expected)


def from_base64(text: str) -> bytes | None:
    """Decode base64 in its one proper spelling; None for any other, so that no changed letter goes unseen."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if base64.b64encode(raw).decode("ascii") == text else None


def epoch(text: str) -> datetime | None:
    """Read whole seconds since 1970, in plain digits; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= _EPOCH_DIGITS):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def check_age(provider: ProviderName, signed_at: datetime | None, at: datetime, window: timedelta) -> None:
    """Refuse a proof that is older than the window, or lies further in the future than clocks differ."""
    if signed_at is None:
        raise refused(provider, "unsigned")
    if not at - window <= signed_at <= at + USUAL_WINDOW:
        raise refused(provider, "stale")


def check_login(provider: ProviderName, authorization: str, logins: Sequence[bytes]) -> None:
    """Refuse a call whose address holds none of these logins (`user:password`)."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic" or not given:
        raise refused(provider, "unsigned")
    if not any(_same_login(given, login) for login in logins):
        raise refused(provider, "forged")


def _same_login(given: str, login: bytes) -> bool:
    # Hashes have one length, so that not even the length of the password is told.
    expected = hashlib.sha256(base64.b64encode(login)).digest()
    return same(hashlib.sha256(given.strip().encode("utf-8", "replace")).digest(), expected)
