"""The exact words that people agree to, in their language; the ledger keeps them, so that consent can be proved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rapport.dsl.project import TRACKING, Project, Purpose
from rapport.mail.phrases import main_language, spoken_date


@dataclass(frozen=True, slots=True)
class _Words:
    mails: str
    tracking: str
    pause: str
    resume: str
    stop: str
    titles: Mapping[str, str]


_IN: Mapping[str, _Words] = {
    "en": _Words(
        "I agree that {name} sends me mails: {title}. I can withdraw this at any time.",
        "I agree that {name} records when I open a mail. I can withdraw this at any time, also for earlier mails.",
        "No mails from {name} until {day}.",
        "Mails from {name} again, from now on.",
        "No mails from {name} any more.",
        {
            "nurture": "Talent community mails",
            "events": "Event invitations and follow-ups",
            "tracking": "Measuring opens",
        },
    ),
    "de": _Words(
        "Ich bin einverstanden, dass {name} mir Mails schickt: {title}. Das kann ich jederzeit widerrufen.",
        "Ich bin einverstanden, dass {name} festhält, wann ich eine Mail öffne. Das kann ich jederzeit widerrufen, "
        "auch für frühere Mails.",
        "Keine Mails von {name} bis zum {day}.",
        "Ab jetzt wieder Mails von {name}.",
        "Keine Mails mehr von {name}.",
        {
            "nurture": "Mails der Talent-Community",
            "events": "Einladungen zu Veranstaltungen und Nachrichten danach",
            "tracking": "Messen, ob Mails geöffnet werden",
        },
    ),
    "fr": _Words(
        "J'accepte que {name} m'envoie des messages : {title}. Je peux retirer cet accord à tout moment.",
        "J'accepte que {name} note quand j'ouvre un message. Je peux retirer cet accord à tout moment, aussi pour les "
        "messages déjà reçus.",
        "Aucun message de {name} jusqu'au {day}.",
        "De nouveau des messages de {name}, dès maintenant.",
        "Plus aucun message de {name}.",
        {
            "nurture": "Messages de la communauté de talents",
            "events": "Invitations à des événements et leurs suites",
            "tracking": "Mesure des ouvertures",
        },
    ),
    "es": _Words(
        "Acepto que {name} me envíe mensajes: {title}. Puedo retirarlo en cualquier momento.",
        "Acepto que {name} anote cuándo abro un mensaje. Puedo retirarlo en cualquier momento, también para mensajes "
        "anteriores.",
        "Ningún mensaje de {name} hasta el {day}.",
        "De nuevo mensajes de {name}, desde ahora.",
        "Ningún mensaje más de {name}.",
        {
            "nurture": "Mensajes de la comunidad de talento",
            "events": "Invitaciones a eventos y mensajes posteriores",
            "tracking": "Medición de aperturas",
        },
    ),
    "it": _Words(
        "Accetto che {name} mi invii messaggi: {title}. Posso revocarlo in ogni momento.",
        "Accetto che {name} registri quando apro un messaggio. Posso revocarlo in ogni momento, anche per i messaggi "
        "precedenti.",
        "Nessun messaggio da {name} fino al {day}.",
        "Di nuovo messaggi da {name}, da adesso.",
        "Nessun altro messaggio da {name}.",
        {
            "nurture": "Messaggi della community di talenti",
            "events": "Inviti a eventi e messaggi successivi",
            "tracking": "Misurazione delle aperture",
        },
    ),
    "nl": _Words(
        "Ik ga ermee akkoord dat {name} mij berichten stuurt: {title}. Ik kan dit altijd intrekken.",
        "Ik ga ermee akkoord dat {name} bijhoudt wanneer ik een bericht open. Ik kan dit altijd intrekken, ook voor "
        "eerdere berichten.",
        "Geen berichten van {name} tot {day}.",
        "Vanaf nu weer berichten van {name}.",
        "Geen berichten meer van {name}.",
        {
            "nurture": "Berichten van de talentcommunity",
            "events": "Uitnodigingen voor evenementen en berichten erna",
            "tracking": "Meten of berichten worden geopend",
        },
    ),
}
LANGUAGES = tuple(_IN)


def language_for(project: Project, *asked: str | None) -> str:
    """The first language asked for that there are words in; else the organization's, else English."""
    wanted = (*asked, project.organization.language)
    return next((known for tag in wanted if tag and (known := main_language(tag)) in _IN), "en")


def title_of(purpose: Purpose, project: Project, language: str) -> str:
    """What a purpose is called: as project.yaml has it, or in another language, for the usual purposes."""
    if language == main_language(project.organization.language):
        return purpose.title
    return _IN[language].titles.get(purpose.key, purpose.title)


def consent_text(purpose: Purpose, project: Project, language: str) -> str:
    """What somebody agrees to who ticks the box of this purpose."""
    words = _IN[language]
    shape = words.tracking if purpose.key == TRACKING else words.mails
    return shape.format(name=project.organization.name, title=title_of(purpose, project, language))


def pause_text(project: Project, language: str, until: date) -> str:
    """What somebody asks for who pauses all mails."""
    return _IN[language].pause.format(name=project.organization.name, day=spoken_date(until, language))


def resume_text(project: Project, language: str) -> str:
    """What somebody asks for who ends their pause."""
    return _IN[language].resume.format(name=project.organization.name)


def stop_text(project: Project, language: str) -> str:
    """What somebody asks for who stops all mails."""
    return _IN[language].stop.format(name=project.organization.name)
