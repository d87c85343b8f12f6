"""What a person wrote anew in a reply, without what they answered to; one pass over the lines."""

import re

from rapport.mail.inbound_words import SIGNS_OFF
from rapport.mail.parsed import LARGEST_TEXT, QUOTE_MARK

_LONGEST_LINE = 1_000
_MOST_HEADER_LINES = 3  # mail programs wrap "On … wrote:" into at most three lines
_SEPARATOR = re.compile(
    r"\s*(?:-{2,}\s*(?:original (?:message|appointment)|ursprüngliche (?:nachricht|mail)|message d'origine|"
    r"mensaje original|messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|"
    r"ursprungligt meddelande|forwarded message|weitergeleitete nachricht|reply message|"
    r"wiadomość oryginalna)\s*-{2,}|begin forwarded message:|_{10,})\s*",
    re.IGNORECASE,
)
_RULER = re.compile(r"[\s*_=-]*")
_FIELD = re.compile(
    r"[>*\s]*(?P<name>from|sent|to|subject|date|cc|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado|"
    r"para|asunto|fecha|da|inviato|a|oggetto|van|verzonden|aan|onderwerp|fra|sendt|til|emne|från|skickat|till|"
    r"ämne|od|wysłano|do|temat)\s?\*?:\*?\s",
    re.IGNORECASE,
)
_FIRST_FIELDS = frozenset({"from", "von", "de", "da", "van", "fra", "från", "od"})
_OPENS = re.compile(
    r"\s*(?:on|am|le|el|il|op|den|em|pe|dnia|w dniu|på|på|mandag|at)\b|\s*(?:\d{4}[-/.]\d|\d{4}年\d|"
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\w{2,10},? \d)",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"(?:wrote|schrieb|schreef|a écrit|escribió|ha scritto|skrev|napisał\(?a?\)?|napisał|escreveu|kirjoitti|"
    r"さんは書きました|following|<[^<>\s]{3,100}>|\S{1,64}@\S{3,100})[^:\n]{0,80}[:：]\s*$",  # noqa: RUF001  # Japanese colon
    re.IGNORECASE,
)


def reply_text(text: str) -> str:
    """Keep the new text of a reply; signatures stay, quotes and the lines that announce them go.

    Takes linear time and looks at the first 64 kB only.
    """
    lines = [line[:_LONGEST_LINE] for line in text[:LARGEST_TEXT].split("\n")]
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _cuts(lines, at):
            break
        announced = 0 if line.lstrip().startswith(">") else _attribution(lines, at)
        if announced and not _quoted_follows(lines, at + announced):
            break
        if announced:
            at += announced
            continue
        if not line.lstrip().startswith(">"):
            kept.append(line)
        at += 1
    while kept and _RULER.fullmatch(kept[-1]):
        kept.pop()
    return "\n".join(kept).strip()


def above_the_name(text: str) -> str:
    """Leave out the signature: what a company writes below every mail is nobody's word."""
    kept: list[str] = []
    for line in text.split("\n"):
        if any(kept) and SIGNS_OFF.fullmatch(line[:80]):
            break
        kept.append(line)
    return "\n".join(kept)


def has_quote(text: str) -> bool:
    """Tell whether a mail quotes the one that it answers."""
    lines = [line[:_LONGEST_LINE] for line in text[:LARGEST_TEXT].split("\n")]
    return any(
        line.lstrip().startswith(">") or _cuts(lines, at) or bool(_attribution(lines, at))
        for at, line in enumerate(lines)
    )


def _cuts(lines: list[str], at: int) -> bool:
    """Tell whether everything from here is an older mail, written below without quote marks."""
    line = lines[at]
    if line.strip() == QUOTE_MARK or (_SEPARATOR.fullmatch(line) and not line.strip().startswith("_")):
        return True
    start = at + 1 if _SEPARATOR.fullmatch(line) else at
    first = _FIELD.match(lines[start]) if start < len(lines) else None
    if first is None or first["name"].lower() not in _FIRST_FIELDS:
        return False
    return len([line for line in lines[start : start + 4] if _FIELD.match(line)]) >= _MOST_HEADER_LINES


def _attribution(lines: list[str], at: int) -> int:
    """Count the lines of `On Tuesday Ada <ada@acme.test> wrote:` that begin here; 0 when none does."""
    if not _OPENS.match(lines[at]):
        return 0
    joined = ""
    for count, line in enumerate(lines[at : at + _MOST_HEADER_LINES], 1):
        joined = f"{joined} {line.strip()}".strip()
        if _CLOSES.search(joined[-400:]):
            return count
        if not line.strip():
            return 0
    return 0


def _quoted_follows(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return following.lstrip().startswith(">")
