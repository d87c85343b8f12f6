"""Delivery reports: is it one, and is the address dead, full, or are we blocked."""

import re
from email.message import Message
from typing import Literal, TypeAlias

from rapport.mail.parsed import ParsedMail
from rapport.mail.refusals import ENHANCED, enhanced_code, verdict
from rapport.mail.reply_text import has_quote

BounceKind: TypeAlias = Literal["bounce_hard", "bounce_soft", "bounce_block"]

_LOOKED_AT = 6_000
_DAEMON = re.compile(
    r"mailer[-_]?daemon|post[-_]?master|mail[ -]?delivery|mdaemon|maildelivery|mail-?admin|mailadministrator|mailagent|"
    r"\bmmdf\b|uucp",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"undeliver|no such user|invalid user|requested action not taken|non-?deliver|not (?:be )?deliver|"
    r"deliver\w* (?:fail|status|notif|problem|error|report)|fail\w* (?:to )?deliver|returned mail|"
    r"mail (?:could|failed)|returned to sender|unable to (?:deliver|relay|process)|permanent (?:error|failure)|"
    r"could not be (?:delivered|sent)|couldn't be delivered|did not reach|unzustellbar|undelivered|rejected|"
    r"user unknown|unknown user|not delivered|mailbox (?:full|unavailable)|message failed|failure notice|"
    r"delayed|temporarily unavailable|cannot be delivered|delivery",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"returned mail|undeliver(?:able|ed)|delivery (?:status notification|failure)|mail delivery fail|"
    r"failure notice|failed mail",
    re.IGNORECASE,
)
_STILL_TRYING = re.compile(
    r"not yet been delivered|still being retried|delivery attempts will continue|will keep trying", re.IGNORECASE
)
_BASIC = re.compile(r"(?<![\d.\-])([45]\d\d)[ \-](?=[ #<\w(:])")


def is_bounce(mail: ParsedMail) -> bool:
    """Tell whether a mail server reports that a mail of ours did not arrive."""
    message = mail.message
    report = str(message.get_param("report-type") or "").lower()
    if report == "delivery-status" or mail.header("X-Failed-Recipients"):
        return True
    if any(part.get_content_type() in _STATUS_TYPES for part in mail.parts):
        return True
    if mail.header("In-Reply-To") and has_quote(mail.text) and mail.header("Return-Path") != "<>":
        return False
    sent_by_machine = mail.header("Return-Path") == "<>" or _DAEMON.search(mail.header("From"))
    if not mail.header("In-Reply-To") and _SUBJECT.match(mail.header("Subject")):
        return True
    return bool(sent_by_machine) and _FAILURE.search(f"{mail.header('Subject')}\n{mail.text[:_LOOKED_AT]}") is not None


def is_delay(mail: ParsedMail) -> bool:
    """Tell whether the report only says that the server still tries."""
    actions = [action for block in _recipients(mail) if (action := _field(block, "Action"))]
    if not actions:
        return _STILL_TRYING.search(mail.text[:_LOOKED_AT]) is not None
    return all(action in {"delayed", "relayed", "delivered", "expanded"} for action in actions)


def bounce_kind(mail: ParsedMail) -> BounceKind:
    """Judge a delivery report by its machine-readable part, else by its words."""
    if is_delay(mail):
        return "bounce_soft"
    diagnostic, status = _diagnosis(mail)
    text = diagnostic or mail.text[:_LOOKED_AT] or mail.header("Subject")
    inside = enhanced_code(diagnostic)
    enhanced = inside if inside and not inside.endswith(".0.0") else status or enhanced_code(text)
    if enhanced and enhanced.endswith(".0.0") and not enhanced.startswith("4"):
        enhanced = None
    basic = _BASIC.search(text)
    match verdict(code=int(basic[1]) if basic else None, enhanced=enhanced, text=f"{diagnostic}\n{text}"):
        case "hard":
            return "bounce_hard"
        case "soft":
            return "bounce_soft"
        case "block" | "configuration":
            return "bounce_block"


_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})


def _diagnosis(mail: ParsedMail) -> tuple[str, str | None]:
    """Give the server's own words and the status code of the first recipient that failed."""
    blocks = _recipients(mail)
    failed = [block for block in blocks if _field(block, "Action") in {"failed", ""}] or blocks
    for block in failed:
        status = ENHANCED.search(_field(block, "Status"))
        return _field(block, "Diagnostic-Code"), status[0] if status else None
    return "", None


def _recipients(mail: ParsedMail) -> list[Message]:
    blocks = [
        block
        for part in mail.parts
        if part.get_content_type() in _STATUS_TYPES and part.is_multipart()
        for block in part.get_payload()
        if isinstance(block, Message)
    ]
    return [block for block in blocks if block["Status"] or block["Action"] or block["Final-Recipient"]]


def _field(block: Message, name: str) -> str:
    value = " ".join(str(block.get(name, "")).split())
    return value.lower() if name == "Action" else value
