"""Bounces and complaints of Amazon SES that were sent on by mail: JSON instead of a report."""

import re
from typing import Literal

from rapport.mail.parsed import ParsedMail

_LOOKED_AT = 8_000
_SENDER = re.compile(r"@sns\.amazonaws\.com$|@(?:[\w-]{1,40}\.)?amazonses\.com$", re.IGNORECASE)
_TYPE = re.compile(r'"(?:notificationType|eventType)"\s{0,9}:\s{0,9}"(Bounce|Complaint)"')
_KIND = re.compile(r'"bounceType"\s{0,9}:\s{0,9}"(Permanent|Transient|Undetermined)"')
_ABOUT_US = re.compile(r'"bounceSubType"\s{0,9}:\s{0,9}"(?:ContentRejected|AttachmentRejected|MessageTooLarge)"')

NotifiedKind = Literal["bounce_hard", "bounce_soft", "bounce_block", "complaint"]


def notified_kind(mail: ParsedMail) -> NotifiedKind | None:
    """Read the notification; None for a mail that is none."""
    if not _SENDER.search(mail.address("From")):
        return None
    text = mail.text[:_LOOKED_AT]
    what = _TYPE.search(text)
    if what is None:
        return None
    if what[1] == "Complaint":
        return "complaint"
    if _ABOUT_US.search(text):
        return "bounce_block"
    how = _KIND.search(text)
    return "bounce_hard" if how is not None and how[1] == "Permanent" else "bounce_soft"
