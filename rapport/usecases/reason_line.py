"""The line below every mail that says why this person gets it, in the language of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rapport.engine.places import person_zone
from rapport.mail.phrases import spoken_date
from rapport.usecases.standing import Standing


@dataclass(frozen=True, slots=True)
class _Words:
    joined: str
    agreed: str
    member: str


_IN: Mapping[str, _Words] = {
    "en": _Words(
        "You get this because you joined the talent community of {name} on {day}.",
        "You get this because you agreed to mails from {name} on {day}.",
        "You get this because you are part of the talent community of {name}.",
    ),
    "de": _Words(
        "Sie erhalten diese Mail, weil Sie am {day} der Talent-Community von {name} beigetreten sind.",
        "Sie erhalten diese Mail, weil Sie am {day} Mails von {name} zugestimmt haben.",
        "Sie erhalten diese Mail, weil Sie zur Talent-Community von {name} gehören.",
    ),
    "fr": _Words(
        "Vous recevez ce message parce que vous avez rejoint la communauté de talents de {name} le {day}.",
        "Vous recevez ce message parce que vous avez accepté les messages de {name} le {day}.",
        "Vous recevez ce message parce que vous faites partie de la communauté de talents de {name}.",
    ),
    "es": _Words(
        "Recibe este mensaje porque se unió a la comunidad de talento de {name} el {day}.",
        "Recibe este mensaje porque aceptó los mensajes de {name} el {day}.",
        "Recibe este mensaje porque forma parte de la comunidad de talento de {name}.",
    ),
    "it": _Words(
        "Riceve questo messaggio perché è nella community di talenti di {name} dal {day}.",
        "Riceve questo messaggio perché ha accettato i messaggi di {name} il {day}.",
        "Riceve questo messaggio perché fa parte della community di talenti di {name}.",
    ),
    "nl": _Words(
        "U ontvangt dit bericht omdat u op {day} lid bent geworden van de talentcommunity van {name}.",
        "U ontvangt dit bericht omdat u op {day} hebt ingestemd met berichten van {name}.",
        "U ontvangt dit bericht omdat u deel uitmaakt van de talentcommunity van {name}.",
    ),
}


def reason_line(here: Standing, language: str) -> str:
    """Why the person gets this: when they joined, else when they agreed, else that they are known."""
    words = _IN.get(language.replace("_", "-").partition("-")[0].lower(), _IN["en"])
    name = here.project.organization.name
    agreed = _agreed_on(here)
    if here.person.joined_on is not None:
        return words.joined.format(name=name, day=spoken_date(here.person.joined_on, language))
    if agreed is not None:
        return words.agreed.format(name=name, day=spoken_date(agreed, language))
    return words.member.format(name=name)


def _agreed_on(here: Standing) -> date | None:
    """The day of their own word; another legal basis is none."""
    granted = [
        entry
        for entry in here.ledger
        if entry.purpose == here.plan.purpose and entry.state == "granted" and entry.basis == "consent"
    ]
    return granted[-1].at.astimezone(person_zone(here.situation, here.project)).date() if granted else None
