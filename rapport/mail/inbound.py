"""One reader for every mail that comes in, whichever mailbox it came to: what it is, and to which send it belongs."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

from rapport.mail.auto_reply import back_on, is_auto_reply
from rapport.mail.bounces import bounce_kind, is_bounce, is_delay
from rapport.mail.complaint import is_complaint, is_feedback
from rapport.mail.match import MatchedBy, match
from rapport.mail.parsed import ParsedMail
from rapport.mail.reply_text import reply_text
from rapport.mail.tokens import Signer, Token

InboundKind: TypeAlias = Literal[
    "reply", "auto_reply", "bounce_hard", "bounce_soft", "bounce_block", "complaint", "unsubscribe", "other"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What an incoming mail is.

    `token` is one that we signed and outranks `message_ids`, which are in the order in which to look for them.
    `text` is the new text only. `back_on` is set for an out-of-office note that names a day. `delayed`
    says that the server still tries: to be noted and not to be counted. The same mail by two ways has the same
    `dedupe_key`.
    """

    kind: InboundKind
    token: Token | None
    matched_by: MatchedBy | None
    message_ids: tuple[str, ...]
    from_address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    back_on: date | None
    delayed: bool
    dedupe_key: str


def read_inbound(raw: bytes, envelope_to: str | None, signer: Signer) -> Inbound:
    """Read a mail as it came over the wire; whatever is broken in it, this does not raise."""
    mail = ParsedMail.of(raw)
    found = match(mail, envelope_to, signer)
    kind = _kind(mail, found.token if found.matched_by == "token" else None)
    text = mail.text
    bounced = kind.startswith("bounce")
    return Inbound(
        kind=kind,
        token=found.token,
        matched_by=found.matched_by,
        message_ids=found.message_ids,
        from_address=mail.address("From"),
        subject=mail.header("Subject"),
        text=reply_text(text),
        back_on=back_on(text, written_on=_written_on(mail)) if kind == "auto_reply" else None,
        delayed=bounced and is_delay(mail),
        dedupe_key=_dedupe_key(mail, raw),
    )


def _kind(mail: ParsedMail, token: Token | None) -> InboundKind:
    """Decide by the first sign that is there, from the surest to the weakest."""
    if is_feedback(mail):
        return "complaint" if is_complaint(mail) else "other"
    if str(mail.message.get_param("report-type") or "").lower() == "disposition-notification":
        return "other"
    if is_bounce(mail):
        return bounce_kind(mail)
    if (token is not None and token.kind == "unsubscribe") or mail.header("X-Apple-Unsubscribe"):
        return "unsubscribe"
    if is_auto_reply(mail):
        return "auto_reply"
    return "other" if _is_list_mail(mail) else "reply"


def _is_list_mail(mail: ParsedMail) -> bool:
    if mail.header("In-Reply-To"):  # people's servers add odd headers to their answers
        return False
    bulk = mail.header("Precedence").lower() in {"bulk", "list", "junk"}
    return bulk or bool(mail.header("List-Id") or mail.header("List-Unsubscribe"))


def _written_on(mail: ParsedMail) -> date | None:
    try:
        return parsedate_to_datetime(mail.header("Date")).astimezone(UTC).date()
    except (ValueError, TypeError, OverflowError):
        return None


def _dedupe_key(mail: ParsedMail, raw: bytes) -> str:
    """Headers that servers add differ from way to way, so that the id and the sender count, where there is an id."""
    own = re.search(r"<[^<>\s]{3,300}>", mail.header("Message-ID"))
    said = f"{own[0]}\n{mail.address('From')}".encode() if own else raw
    return hashlib.sha256(said).hexdigest()[:32]
