"""One reader for every mail that comes in, whichever mailbox it came to: what it is, and to which send it belongs."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

from rapport.mail.auto_reply import auto_reply_sign, no_reply_sign
from rapport.mail.bounces import bounce_kind, bounce_sign, diagnosis_words, is_delay
from rapport.mail.complaint import feedback_sign, feedback_types, is_complaint
from rapport.mail.inbound_notification import notified_kind
from rapport.mail.inbound_receipts import calendar_sign, receipt_sign
from rapport.mail.inbound_return_date import back_on
from rapport.mail.match import MatchedBy, match
from rapport.mail.parsed import ParsedMail
from rapport.mail.reply_forward import comes_of_a_forward
from rapport.mail.reply_opt_out import OptOut, opt_out_in
from rapport.mail.reply_text import reply_text
from rapport.mail.tokens import Signer, Token

InboundKind: TypeAlias = Literal[
    "reply", "auto_reply", "bounce_hard", "bounce_soft", "bounce_block", "complaint", "unsubscribe", "other"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What an incoming mail is.

    `token` is one that we signed and outranks `message_ids`, which are in the order in which to look for them.
    `text` is the new text only. `back_on` is set for an out-of-office note that names a day, `opt_out` for a reply
    that asks for no more. `delayed` says that the server still tries: to be noted and not to be counted. `reasons`
    are the signs that `kind` rests on; they may hold an address. `own` mails are about our words to recruiters.
    The same mail by two ways has the same `dedupe_key`.
    """

    kind: InboundKind
    reasons: tuple[str, ...] = field(repr=False)
    token: Token | None
    matched_by: MatchedBy | None
    message_ids: tuple[str, ...]
    from_address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    back_on: date | None
    opt_out: OptOut | None
    delayed: bool
    own: bool
    message_id: str = field(repr=False)
    dedupe_key: str


def read_inbound(raw: bytes, envelope_to: str | None, signer: Signer) -> Inbound:
    """Read a mail as it came over the wire; whatever is broken in it, this does not raise."""
    mail = ParsedMail.of(raw)
    found = match(mail, envelope_to, signer)
    kind, reasons = _kind(mail, found.token if found.matched_by == "token" else None)
    text, subject = mail.text, mail.header("Subject")
    own = reply_text(text)
    return Inbound(
        kind=kind,
        reasons=reasons,
        token=found.token,
        matched_by=found.matched_by,
        message_ids=found.message_ids,
        from_address=mail.address("From"),
        subject=subject,
        text=own,
        back_on=back_on(f"{subject}\n{text}", written_on=_written_on(mail)) if kind == "auto_reply" else None,
        opt_out=opt_out_in(own, subject) if kind == "reply" else None,
        delayed=kind.startswith("bounce") and is_delay(mail),
        own=comes_of_a_forward(mail, envelope_to),
        message_id=_message_id(mail),
        dedupe_key=_dedupe_key(mail, raw),
    )


_Judged: TypeAlias = tuple[InboundKind, tuple[str, ...]]


def _kind(mail: ParsedMail, token: Token | None) -> _Judged:
    """Decide by the first sign that is there, from the surest to the weakest."""
    return (
        _from_a_provider(mail)
        or _button(mail, token)
        or _from_a_machine(mail)
        or ("reply", ("nothing says that a machine wrote it",))
    )


def _from_a_provider(mail: ParsedMail) -> _Judged | None:
    """Recognize reports: of people's spam buttons, of mail programs, of mail servers."""
    if sign := feedback_sign(mail):
        types = [f"Feedback-Type: {kind}" for kind in dict.fromkeys(feedback_types(mail))]
        return ("complaint" if is_complaint(mail) else "other"), (sign, *types)
    if sign := receipt_sign(mail):
        return "other", (sign,)
    if notified := notified_kind(mail):
        return notified, ("it is a notification of Amazon SES",)
    if sign := bounce_sign(mail):
        return bounce_kind(mail), tuple(filter(None, (sign, diagnosis_words(mail))))
    return None


def _button(mail: ParsedMail, token: Token | None) -> _Judged | None:
    """Recognize what people do with a button of their mail program instead of with words."""
    if token is not None and token.kind == "unsubscribe":
        return "unsubscribe", ("it came to the unsubscribe address of a mail",)
    if mail.header("X-Apple-Unsubscribe"):
        return "unsubscribe", ("X-Apple-Unsubscribe is set",)
    sign = calendar_sign(mail)
    return ("other", (sign,)) if sign else None


def _from_a_machine(mail: ParsedMail) -> _Judged | None:
    """Recognize what no person wrote to us."""
    if sign := auto_reply_sign(mail):
        return "auto_reply", (sign,)
    if _is_list_mail(mail):
        return "other", ("it went to a list",)
    sign = no_reply_sign(mail)
    return ("auto_reply", (sign,)) if sign else None


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
    own = _message_id(mail)
    said = f"{own}\n{mail.address('From')}".encode() if own else raw
    return hashlib.sha256(said).hexdigest()[:32]


def _message_id(mail: ParsedMail) -> str:
    found = re.search(r"<[^<>\s]{3,300}>", mail.header("Message-ID"))
    return found[0] if found else ""
