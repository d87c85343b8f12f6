"""What a refusal means for the address: the table of codes, and the words that decide where codes mislead."""

import re
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["hard", "soft", "block", "configuration"]

ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_LONGEST_TEXT = 4_000

_GONE = re.compile(
    r"user (?:is )?(?:un|not )known|unknown (?:local )?(?:user|recipient|address|mailbox)|no such (?:user|"
    r"recipient|address|mailbox|person|domain|account)|(?:does not|doesn't|do not|not) exist|(?:user|recipient|"
    r"mailbox|account|address) (?:was |is |has been )?(?:not found|unknown|disabled|inactive|invalid|"
    r"unavailable|terminated|suspended|closed|deactivated|removed)|(?:invalid|bad|nonexistent|inactive|"
    r"disabled) (?:recipient|mailbox|user|address|account)|no mailbox|host (?:or domain name )?(?:unknown|"
    r"not found)|unrouteable|recipient rejected|invalid final delivery userid|unknown host|null mx|"
    r"(?:doesn't|does not) have an? \S{1,60} account|"
    r"no longer (?:valid|available|active|with|employed|on this|accept)|not a valid (?:mailbox|user|address)|"
    r"not our customer|recipnotfound|account (?:has been|is) (?:disabled|inactive)|couldn't find any host|"
    r"name service error|domain not found|address (?:not found|couldn't be found|could(?:n't| not) be found)|"
    r"did not (?:exactly )?match an|not listed in|not accepting network messages|(?:does not|doesn't) accept "
    r"(?:any )?(?:e-?mail|mail)|recipient (?:address )?(?:does not|doesn't) exist|has been (?:deactivated|closed)|"
    r"(?:unbekannte?r?|ungültige?r?) (?:benutzer|empfänger|adresse)|(?:empfänger|benutzer|adresse|postfach) (?:\w+ )?"
    r"(?:nicht gefunden|unbekannt|existiert nicht|gibt es nicht)|(?:adresse|destinataire|utilisateur|compte) "
    r"(?:introuvable|inconnue?|inexistante?)|n'existe pas|(?:dirección|usuario|destinatario|cuenta) (?:\w+ ){0,2}"
    r"(?:no encontrad|desconocid|no existe|inexistente)|no se (?:ha encontrado|encontró) la dirección|"
    r"(?:indirizzo|utente|destinatario|casella) (?:\w+ )?(?:non trovat|sconosciut|inesistente|non esiste)|"
    r"(?:adres|gebruiker|ontvanger) (?:niet gevonden|onbekend|bestaat niet)|bestaat niet|(?:endereço|usuário|"
    r"utilizador|"
    r"destinatário) (?:não encontrado|desconhecido|inexistente|não existe)|(?:nie znaleziono|nieznany) (?:adresu|"
    r"użytkownik|adresat|odbiorc)|nie istnieje|宛先.{0,20}(?:見つかり|不明|存在し)|見つかりません"
)
_FULL = re.compile(
    r"quota|mailbox (?:is )?full|full mailbox|insufficient (?:system )?(?:storage|disk)|out of (?:disk|storage)|"
    r"mailbox size|exceed\w* (?:\w+ )?(?:storage|mailbox|quota)|not enough (?:storage|space|disk)|user is over|"
    r"inbox (?:is )?(?:full|out of)|(?:postfach|mailbox) (?:des \w+ )?(?:ist )?voll|speicherplatz|kontingent|"
    r"boîte (?:aux lettres |de réception )?(?:est )?pleine|buzón (?:\w+ )?(?:está )?lleno|casella (?:\w+ )?(?:è "
    r")?piena|"
    r"(?:postvak|mailbox|inbox) (?:\w+ )?(?:is )?vol\b|caixa (?:de \w+ )?(?:está )?cheia|skrzynka (?:\w+ )?(?:jest "
    r")?pełna|"
    r"przepełnion"
)
_TOO_BIG = re.compile(
    r"(?:message|mail)\w* (?:is |was )?(?:too (?:big|large|long)|size exceeds|file too big|exceeds)|too large|"
    r"size limit|exceeds (?:the )?(?:maximum|fixed|max)"
)
_POLICY = re.compile(
    r"spam|blacklist|block(?:ed|list)|black list|\bdnsbl\b|\brbl\b|policy|polic(?:ies|y)|reputation|spamhaus|"
    r"virus|\bdmarc\b|\bspf\b|\bdkim\b|banned|not authorized|unauthenticated|relay(?:ing)? (?:access )?denied|"
    r"unable to relay|not permitted|rejected by content|content (?:filter|rejected)|access denied|prohibited|"
    r"unsolicited|poor|attachment|not accept\w* (?:mail|e-?mail|messages?) from|rejected due to|refused due to"
)
_SENDER = re.compile(r"sender (?:address )?(?:rejected|verify|denied|not)|bad sender|invalid sender")
_LATER = re.compile(
    r"timed? ?out|try again|greylist|temporar|expired|too long in|could not be delivered for|delayed|"
    r"too many (?:hops|connections)|loop|connection (?:refused|reset)|rate limit|over rate|deferred|retry|"
    r"queue too long|not responding|could not connect|unable to connect"
)

_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.4.4"})
_SOFT = frozenset({"4.2.2", "5.2.2", "5.4.6", "5.4.7", "5.4.1", "5.3.1"})
_TOO_BIG_CODES = frozenset({"5.3.4", "5.2.3"})
_CONFIGURATION = frozenset({"5.1.7", "5.1.8"})
_NO_SUCH = frozenset({521, 550, 551, 553, 556})


def enhanced_code(text: str) -> str | None:
    """Find the first enhanced status code (RFC 3463) in a server's text."""
    match = ENHANCED.search(text[:_LONGEST_TEXT])
    return f"{int(match[1])}.{int(match[2])}.{int(match[3])}" if match else None


def verdict(*, code: int | None, enhanced: str | None, text: str) -> Verdict:
    """Judge a refusal: `hard` the address is dead, `soft` later or another time, `block` it is about us, not them.

    Words come first where servers are known to give codes that say something else.
    """
    said = text[:_LONGEST_TEXT].lower()
    temporary = (enhanced or "").startswith("4") or (enhanced is None and code is not None and code < 500)  # noqa: PLR2004  # 5yz is permanent
    if temporary:
        return "soft"
    return _by_words_that_outrank(said) or _by_enhanced(enhanced) or _by_words(said) or _by_code(code)


def _by_words_that_outrank(said: str) -> Verdict | None:
    if _FULL.search(said):
        return "soft"
    if _TOO_BIG.search(said):
        return "block"
    return "hard" if _GONE.search(said) else None


def _by_enhanced(enhanced: str | None) -> Verdict | None:
    if enhanced is None:
        return None
    for codes, what in _BY_CODE:
        if enhanced in codes:
            return what
    if enhanced.startswith("5.7."):
        return "block"
    return "configuration" if enhanced.startswith("5.5.") else None


_BY_CODE: tuple[tuple[frozenset[str], Verdict], ...] = (
    (_HARD, "hard"),
    (_SOFT, "soft"),
    (_TOO_BIG_CODES, "block"),
    (_CONFIGURATION, "configuration"),
)


def _by_words(said: str) -> Verdict | None:
    if _SENDER.search(said):
        return "configuration"
    if _POLICY.search(said):
        return "block"
    return "soft" if _LATER.search(said) else None


def _by_code(code: int | None) -> Verdict:
    if code is None:
        return "soft"
    return "hard" if code in _NO_SUCH else "soft" if code == 552 else "block"  # noqa: PLR2004  # 552 is "exceeded storage"
