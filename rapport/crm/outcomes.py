"""How an application ended, from what an ATS says: who ended it, and the words of the reason."""

import re
import unicodedata
from enum import StrEnum

from rapport.crm.hiring import HiringOutcome


class EndedBy(StrEnum):
    """Who ended an application, as far as the ATS says so in a field of its own."""

    US = "us"
    THEM = "them"
    FRAUD = "fraud"
    HIRE = "hire"
    UNSAID = "unsaid"


# Words of reasons, folded and without accents. Organizations write their own: these are the vendors' lists and common
# variants of them, in English, German, French and Spanish.
_FRAUD = re.compile(r"fraud|security concern|fake|impost|identity|betrug|betrueger|fraude|plagiari")
_HIRED = re.compile(r"^(hired|hire|eingestellt|embauche|contratad[oa])$")
_WITHDREW = re.compile(
    r"withdr[ae]w|declin|not interested|(accepted|took|chose|has|other|another|competing|counter) ?-?(an?other )?offer"
    r"|another (job|position|company)|dropped out|candidate (reject|refus)|rejected (us|our)|they rejected|renege"
    r"|zuruckgezogen|zuruckgetreten|abgesagt|angebot abgelehnt|desist|retir|refuse (l'|notre )offre|rechazo"
)
_CLOSED = re.compile(
    r"(position|job|role|posting|requisition|req|vacancy|opening|stelle|poste|puesto)s? (was |is |has been |wurde )?"
    r"(already |bereits )?(filled|closed|cancel|on hold|no longer|besetzt|geschlossen|pourvu|cubiert)"
    r"|hiring freeze|no longer (hiring|open)|duplicate (job|req)"
)
# Nobody ended it by a decision: no one answers.
_SILENCE = re.compile(r"no (response|reply|answer|show)|unresponsive|ghost|keine (antwort|ruckmeldung)|sans reponse")
_JUDGED_BY_US = re.compile(
    r"qualif|skill|experience|\bfit\b|stronger|better|more suitable|other candidate|another (candidate|role)|future"
    r"|timing|headcount|\bcomp\b|compensation|salary|senior|junior|level|interview|assessment|test|requirement|location|visa"
    r"|work permit|authorization|relocat|silver|runner.?up|background|reference|culture|education|language|rejected"
    r"|not (selected|hired|a match)|erfahrung|qualifik|passt nicht|stark"
)
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
# A slug is written in files by hand.
_LONGEST_SLUG = 80


def outcome(ended_by: EndedBy, reason: str | None) -> HiringOutcome:
    """How an application ended; `rejected_by_us` only when the ATS says so and the reason's words do not contradict.

    When nobody says who ended it, the words decide, and words that we do not know mean `other`.
    """
    words = folded(reason or "")
    if ended_by is EndedBy.HIRE or _HIRED.search(words):
        return HiringOutcome.HIRED
    if ended_by is EndedBy.FRAUD or _FRAUD.search(words):
        return HiringOutcome.FRAUD
    if ended_by is EndedBy.THEM or _WITHDREW.search(words):
        return HiringOutcome.WITHDREW
    if _CLOSED.search(words):
        return HiringOutcome.CLOSED_JOB
    is_ours = not _SILENCE.search(words) and (ended_by is EndedBy.US or _JUDGED_BY_US.search(words))
    return HiringOutcome.REJECTED_BY_US if is_ours else HiringOutcome.OTHER


def slug(text: str | None) -> str | None:
    """A name of the ATS as files spell it: `Under- qualified` is `under-qualified`; None when nothing is left."""
    return _BETWEEN_WORDS.sub("-", folded(text or ""))[:_LONGEST_SLUG].strip("-") or None


def folded(text: str) -> str:
    """One spelling for comparisons: small letters, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())
