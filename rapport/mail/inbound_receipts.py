"""Mails that a button wrote: read receipts, and answers to invitations without a word of the person's own."""

import re

from rapport.mail.inbound_words import READ_SUBJECT, READ_TEXT
from rapport.mail.parsed import ParsedMail
from rapport.mail.reply_text import has_quote, reply_text

_LOOKED_AT = 1_000
_RECEIPTS = frozenset({"message/disposition-notification", "message/disposition-notification-to"})
_ANSWERS = re.compile(
    r"\s*(?:accepted|declined|tentative(?:ly accepted)?|zugesagt|abgelehnt|mit vorbehalt|angenommen|accepté|refusé|"
    r"provisoire|aceptad[ao]|rechazad[ao]|provisional|accettat[ao]|rifiutat[ao]|provvisorio|geaccepteerd|afgewezen|"
    r"voorlopig|aceito|aceite|recusado|provisório|zaakceptowano|odrzucono|wstępnie)\s?:",
    re.IGNORECASE,
)


def receipt_sign(mail: ParsedMail) -> str | None:
    """Say by what a read receipt gives itself away; None for all else."""
    report = str(mail.message.get_param("report-type") or "").lower()
    if report == "disposition-notification" or any(part.get_content_type() in _RECEIPTS for part in mail.outer):
        return "it is a read receipt (RFC 8098)"
    said = READ_SUBJECT.match(mail.header("Subject")) and READ_TEXT.search(mail.text[:_LOOKED_AT])
    return "it says that a mail was read" if said and not has_quote(mail.text) else None


def calendar_sign(mail: ParsedMail) -> str | None:
    """Say that this only accepts or declines an invitation; None where the person wrote something, too."""
    if not any(_is_answer(part.get_content_type(), part.get_param("method")) for part in mail.outer):
        return None
    subject = mail.header("Subject")
    own = [line for line in reply_text(_plain(mail)).split("\n") if line.strip() and line.strip() not in subject]
    wrote = any(not _ANSWERS.match(line) for line in own) and not _is_notice(own)
    return None if wrote else "it answers an invitation without words"


def _is_answer(content_type: str, method: object) -> bool:
    return content_type == "text/calendar" and str(method or "").strip('"').lower() == "reply"


def _plain(mail: ParsedMail) -> str:
    """Give the text; a mail that is nothing but its calendar part has none."""
    text = mail.text
    return "" if text.lstrip().startswith("BEGIN:VCALENDAR") else text


def _is_notice(lines: list[str]) -> bool:
    """Google writes a few lines of its own: who has accepted what, when and where."""
    return re.match(r".{2,100} has (?:accepted|declined|tentatively accepted|replied)", lines[0]) is not None
