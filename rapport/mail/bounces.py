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
    r"\bmmdf\b|uucp|microsoftexchange[0-9a-f]{16}",
    re.IGNORECASE,
)
# Only programs have these names before the @: what they send is no answer, even with all signs of one.
_SURELY_DAEMON = re.compile(r"mailer[-_]?daemon$|microsoftexchange[0-9a-f]{16}", re.IGNORECASE)
_SURE_FAILURE = re.compile(
    r"undeliver|no such user|invalid user|non-?deliver|not (?:be )?deliver|wasn't able to deliver|not been delivered|"
    r"deliver\w* (?:fail|status|notif|problem|error|report|incomplete|delay)|fail\w* (?:to )?deliver|returned mail|"
    r"mail (?:could|failed)|returned to sender|return(?:ed|ing) (?:message|mail) to sender|(?:message|mail) returned|"
    r"unable to (?:deliver|relay|process)|permanent (?:error|failure)|"
    r"could not (?:be (?:delivered|sent)|send)|couldn't be (?:delivered|found)|can't be delivered|did not reach|user "
    r"unknown|"
    r"unknown user|not delivered|mailbox (?:is )?(?:full|unavailable)|message (?:failed|blocked|rejected|delayed)|"
    r"failure notice|address not found|cannot be delivered|unzustellbar|nicht zugestellt|zustellung (?:ist )?"
    r"(?:fehlgeschlagen|verzögert|nicht möglich)|nicht zustellen|adresse nicht gefunden|non remis|"
    r"(?:échec|impossible) de (?:la )?remise|(?:pas|être) (?:pu être )?(?:remis|distribué|délivré)|adresse introuvable|"
    r"no (?:se pudo|se puede|se ha podido|pudo) (?:ser )?entrega|no entregado|no se (?:ha encontrado|encontró) la "
    r"dirección|"
    r"non recapitabil|mancat[ao] (?:recapito|consegna)|impossibile (?:recapitare|consegnare)|indirizzo non trovato|"
    r"onbestelbaar|(?:niet|kan niet) (?:worden )?(?:bezorgd|afgeleverd)|adres niet gevonden|não (?:foi|pôde|pode) "
    r"(?:possível )?"
    r"(?:ser )?entreg|não entregue|falha na entrega|endereço não encontrado|niedostarcz|nie (?:można|udało się) "
    r"dostarczyć|"
    r"nie została dostarczona|nie znaleziono adresu|送信できませんでした|配信不能|投递失败",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"requested action not taken|rejected|delayed|temporarily unavailable|delivery|failed", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"returned mail|undeliver(?:able|ed)|delivery (?:status notification|failure)|mail delivery fail|"
    r"failure notice|failed mail|mail system error|unzustellbar|nicht zustellbar|non remis|no se puede entregar|"
    r"non recapitabile|onbestelbaar|não entregue|niedostarczaln",
    re.IGNORECASE,
)
_STILL_TRYING = re.compile(
    r"not yet been delivered|still being retried|delivery attempts will continue|will keep trying|"
    r"will (?:be|continue to be) retried|will continue (?:trying|to (?:try|retry|attempt))|will (?:retry|try again) "
    r"for|"
    r"delivery incomplete|warning message only|do not need to resend|(?:attempt|message) (?:has been|is) delayed|"
    r"no action is required on your part|zustellung verzögert|wird weiterhin versucht|"
    r"a été retardée?|se seguirá intentando|consegna (?:in ritardo|ritardata)|bezorging vertraagd",
    re.IGNORECASE,
)
_BASIC = re.compile(r"(?<![\d.\-])([45]\d\d)[ \-](?=[ #<\w(:])")


def bounce_sign(mail: ParsedMail) -> str | None:
    """Say by what a mail server's report that a mail of ours did not arrive gives itself away; None for all else."""
    report = str(mail.message.get_param("report-type") or "").lower()
    if report == "delivery-status" or any(part.get_content_type() in _STATUS_TYPES for part in mail.outer):
        return "it is a delivery report (RFC 3464)"
    for name in ("X-Failed-Recipients", "X-MS-Exchange-Message-Is-Ndr"):
        if name in mail.message:
            return f"{name} is set"
    return _by_sender(mail)


def _by_sender(mail: ParsedMail) -> str | None:
    """Judge a report in mere words by who wrote it."""
    sent_back = mail.header("Return-Path") == "<>"
    surely = _SURELY_DAEMON.match(mail.address("From").partition("@")[0]) is not None
    answers = bool(mail.header("In-Reply-To"))
    if answers and not sent_back and not surely and has_quote(mail.text):
        return None
    if not answers and _SUBJECT.match(mail.header("Subject")):
        return "the subject is that of a delivery report"
    daemon = surely or _DAEMON.search(mail.header("From")) is not None
    said = f"{mail.header('Subject')}\n{mail.text[:_LOOKED_AT]}"
    if (daemon or sent_back) and _SURE_FAILURE.search(said):
        return "a mail server says that it could not be delivered"
    # Less is enough where the sender is a mail server; people who are away also send with an empty return path.
    return "a mail server writes of a delivery" if daemon and _FAILURE.search(said) else None


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


def diagnosis_words(mail: ParsedMail) -> str:
    """Give what the report rests on: the status code and the server's words, as far as it has them."""
    diagnostic, status = _diagnosis(mail)
    words = " ".join(word for word in (status or "", diagnostic[:200]) if word)
    return "".join(letter for letter in words if letter.isprintable())


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
