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


def feedback_sign(mail: ParsedMail) -> str | None:
    """Say by what a report of a feedback loop gives itself away, whatever it reports; None for all else."""
    if str(mail.message.get_param("report-type") or "").lower() == "feedback-report" or any(
        part.get_content_type() == "message/feedback-report" for part in mail.outer
    ):
        return "it is a feedback report (RFC 5965)"
    if mail.header("X-HmXmrOriginalRecipient"):  # Microsoft's Junk Mail Reporting Program sends the bare mail back
        return "X-HmXmrOriginalRecipient is set"
    says_so = _WORDS.search(mail.header("Subject")) is not None and _LOOPS.search(mail.address("From")) is not None
    return "a feedback loop names a complaint in the subject" if says_so else None


def is_complaint(mail: ParsedMail) -> bool:
    """Tell whether a feedback report is a person's complaint; one without a type is."""
    return not (set(feedback_types(mail)) & _NO_COMPLAINT)


def feedback_types(mail: ParsedMail) -> list[str]:
    """Give what kinds of feedback the report names, in lower case."""
    return [kind.lower() for text in mail.enclosed for kind in _TYPE.findall(text)]
