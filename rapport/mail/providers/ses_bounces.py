"""Amazon's types of bounces, which Resend uses as well."""

from rapport.mail.providers.blame import blame
from rapport.mail.providers.event import Bounce

_ABOUT_THE_MAIL = frozenset({"MessageTooLarge", "ContentRejected", "AttachmentRejected"})
_ABOUT_THE_ADDRESS = frozenset({"NoEmail", "Suppressed", "OnAccountSuppressionList"})


def ses_bounce(kind: str, sub_kind: str, said: str, *, status: str = "") -> Bounce:
    """Judge a bounce: `General` says little, so that the server's own words may soften a permanent one."""
    if kind == "Permanent":
        return "hard" if sub_kind in _ABOUT_THE_ADDRESS else blame(said, status=status, otherwise="hard")
    return "block" if sub_kind in _ABOUT_THE_MAIL else "soft"
