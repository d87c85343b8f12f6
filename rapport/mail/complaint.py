"""Reports that a person pressed the spam button: ARF (RFC 5965), and the older forms of some providers."""

import re

from rapport.mail.parsed import ParsedMail

_TYPE = re.compile(r"^feedback-type:[ \t]{0,20}([\w-]{1,40})", re.IGNORECASE | re.MULTILINE)
# Reports about our own signatures, and people who took a message out of the spam folder.
_NO_COMPLAINT = frozenset({"auth-failure", "not-spam", "dmarc"})
_LOOPS = re.compile(
    r"^(?:feedbackloop|fbl|scomp|staff)@|complaints?@|abuse@|^fbl-?no-?reply@|staff@hotmail|antispam\w*@", re.IGNORECASE
)
_WORDS = re.compile(
    r"abuse report|spam complaint|complaint about|email feedback report|email abuse|junk mail report", re.IGNORECASE
)


def is_feedback(mail: ParsedMail) -> bool:
    """Tell whether a mail is a report of a feedback loop, whatever it reports."""
    if str(mail.message.get_param("report-type") or "").lower() == "feedback-report":
        return True
    if any(part.get_content_type() == "message/feedback-report" for part in mail.parts):
        return True
    if mail.header("X-HmXmrOriginalRecipient"):  # Microsoft's Junk Mail Reporting Program sends the bare mail back
        return True
    says_so = _WORDS.search(mail.header("Subject")) is not None
    return says_so and _LOOPS.search(mail.address("From")) is not None


def is_complaint(mail: ParsedMail) -> bool:
    """Tell whether a feedback report is a person's complaint; one without a type is."""
    kinds = [kind.lower() for text in mail.enclosed for kind in _TYPE.findall(text)]
    return not (set(kinds) & _NO_COMPLAINT)
