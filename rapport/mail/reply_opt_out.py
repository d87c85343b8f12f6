"""Unsubscribing by an answer: whoever writes STOP must not have to look for a link."""

import re
from typing import Literal, TypeAlias

from rapport.mail.inbound_words import SIGNS_OFF
from rapport.mail.reply_text import above_the_name

OptOut: TypeAlias = Literal["everything", "sequence", "mentioned"]

_LONGEST = 200  # characters: whoever writes more says more, and a person has to read it
_LOOKED_AT = 5_000
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hallo|hey|dear|guten tag|bonjour|hola|ciao|olá|dzień dobry|buongiorno|goedendag|moin|servus)"
    r"(?:[ ,]+[^\W\d_]{1,30}){0,3}[,!. ]*|(?:please|pls|bitte|s'il vous plaît|svp|por favor|per favore|alstublieft|"
    r"graag|proszę|danke|thanks|thank you|merci|gracias|grazie|bedankt|obrigad[oa]|dziękuję)[,!. ]+)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[ ,]*(?:please|pls|bitte|thanks|thank you|danke|merci|s'il vous plaît|svp|por favor|gracias|per favore|grazie|"
    r"alstublieft|bedankt|obrigad[oa]|proszę|dziękuję)$",
    re.IGNORECASE,
)
_FROM_YOU = (
    r"(?: (?:me|us|my (?:address|e-?mail)|mich|meine (?:adresse|e-?mail-?adresse)))?"
    r"(?: (?:from|off|aus|von|vom))?(?:(?: (?:your|this|the|all|any|future|ihrem|ihrer|dem|der|diesem|eurem|allen|"
    r"euren?)\b)*"
    r"(?: (?:mailing|e-?mail|distribution|talent|news))?[ -]?(?:lists?|e-?mails?|mailings?|newsletters?|"
    r"communications?|messages?|database|pool|verteiler|liste|newsletter))?"
)
_EVERYTHING = re.compile(
    r"(?:unsubscribe|unsuscribe|unsubscribed|stop|stopp|opt[ -]?out|remove|remove me|delete me|take me off)"
    + _FROM_YOU
    + "|"
    r"(?:i (?:want|would like|wish) to )?(?:unsubscribe|opt out|be removed)" + _FROM_YOU + "|"
    r"(?:stop|quit) (?:all |these |the |your |sending (?:me )?)*(?:e-?mails?|mails?|messages?|mailing(?:s| me)?|"
    r"e-?mailing me|contacting me|writing (?:to )?me)|(?:do not|don't|never) (?:e-?mail|contact|write(?: to)?|mail) me"
    r"(?: again| any ?more)?|no more (?:e-?mails?|mails?|messages?)|leave me alone|"
    r"abmelden|abbestellen|abmeldung|austragen|(?:mich )?(?:aus(?:tragen|streichen)|löschen|abmelden|entfernen)|"
    r"(?:mich|meine (?:adresse|e-?mail-?adresse))(?: bitte)?(?: (?:aus|von|vom)(?: \w+)? (?:verteiler|liste|"
    r"newsletter))?"
    r" (?:austragen|löschen|abmelden|entfernen|streichen)|"
    r"keine (?:weiteren )?(?:e-?mails?|mails?|nachrichten)(?: mehr)?(?: (?:senden|schicken))?|"
    r"nehmen sie mich (?:bitte )?(?:aus|von) (?:ihrem|ihrer|dem|der) (?:verteiler|liste)|"
    r"(?:tragen|melden) sie mich (?:bitte )?(?:aus|ab)|"
    r"(?:me )?désabonner|désabonnez[- ]moi|désinscrire|désinscription|désinscrivez[- ]moi|me désinscrire|désabonnement|"
    r"arrêtez|retirez[- ]moi de (?:votre|la) liste|plus (?:de|d')(?: )?(?:e-?mails?|mails?|messages?)|"
    r"(?:darme de |dar de |dadme de |denme de )?baja|cancelar (?:la )?suscripción|no más (?:correos|mensajes|"
    r"e-?mails?)|"
    r"(?:elimíname|quíteme|quítame|bórrame) de (?:la|su) lista|desuscribir(?:me)?|no me escriban más|"
    r"cancellami|cancellatemi|cancellazione|disiscrivimi|disiscrivetemi|annulla(?:re)? (?:l')?iscrizione|"
    r"basta(?: e-?mail| mail)?|(?:rimuovimi|toglietemi|toglimi|rimuovetemi) dalla (?:vostra )?(?:mailing )?list[ae]?|"
    r"afmelden|uitschrijven|(?:mij|me) (?:\w+ )?(?:afmelden|uitschrijven)|(?:schrijf|meld) (?:me|mij) (?:uit|af)|"
    r"geen (?:e-?)?mails? meer|stop met mailen|"
    r"cancelar (?:a )?(?:inscrição|subscrição|assinatura)|descadastrar|descadastre-me|remover|remova-me|"
    r"não (?:quero )?(?:receber )?mais (?:e-?mails?|mensagens)|"
    r"wypisz(?:cie)? mnie|wypisz|rezygnuję|(?:proszę )?(?:o )?(?:wypisanie|usunięcie)(?: mnie)?(?: z (?:listy|bazy))?|"
    r"(?:usuń|usuńcie) mnie(?: z (?:listy|bazy))?|nie wysyłajcie więcej (?:wiadomości|maili)|"
    r"avregistrera(?: mig)?|avsluta|afmeld(?: mig)?|meld meg av|peruuta tilaus",
    re.IGNORECASE,
)
_SEQUENCE = re.compile(
    r"(?:i'?m |i am )?(?:no longer|not|no more) interested(?: any ?more| at (?:this|the) (?:time|moment)| in this)?"
    r"(?: (?:but )?thank(?:s| you))?|not for me|no,? thank(?:s| you)|(?:ich (?:habe|hab) )?kein interesse(?: mehr)?|"
    r"(?:ich bin )?nicht (?:mehr )?interessiert|(?:je ne suis )?(?:pas|plus) intéressée?|pas intéressée?|"
    r"no (?:me interesa|estoy interesad[oa])|non (?:mi interessa|sono (?:più )?interessat[oa])|"
    r"(?:ik heb )?geen interesse(?: meer)?|niet (?:meer )?geïnteresseerd|não tenho (?:mais )?interesse|"
    r"nie jestem (?:już )?zainteresowan[ay]",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"\bunsubscribe|opt(?:ing)?[ -]out|remove me|take me off|stop (?:sending|e-?mailing|contacting|writing)|"
    r"(?:no|any) more (?:of (?:these|your) )?(?:e-?)?mails|delete my (?:data|details|address)|austragen|abmelden|"
    r"abbestellen|"
    r"aus (?:ihrem|dem|eurem) verteiler|keine (?:weiteren )?(?:e-?mails|nachrichten) mehr|désabonner|désinscrire|"
    r"désinscription|dar(?:me)? de baja|cancelar la suscripción|disiscriv|cancellatemi|dalla (?:vostra )?mailing list|"
    r"uitschrijven|afmelden|descadastr|cancelar a inscrição|wypisa(?:ć|nie) mnie|wypisz mnie|rezygnuję z",
    re.IGNORECASE,
)


def opt_out_in(new_text: str, subject: str = "") -> OptOut | None:
    """Read what somebody asks for in the text that they wrote anew, never in what they quote.

    `everything` where that is all they say, `sequence` where they decline what these mails are about, and `mentioned`
    where it stands within more, so that a person has to read it. An empty answer may say it in the subject.
    """
    said = above_the_name(new_text[:_LOOKED_AT]).strip() or (subject if not new_text.strip() else "")
    if len(said) <= _LONGEST:
        sentences = [_bare(part) for part in re.split(r"[\n.!;]+", said)]
        found = {_wish(sentence, first=at == 0) for at, sentence in enumerate(filter(None, sentences))}
        for wish in _STRONGEST_FIRST:
            if found <= {wish, "polite"} and wish in found:
                return wish
    return "mentioned" if _MENTIONED.search(said) else None


# A name below, or a phone's own line.
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’-]{0,30}(?: [^\W\d_a-zß-ÿ][\w.'’-]{0,30}){0,2}")  # noqa: RUF001  # a typographic apostrophe
_PHONE = re.compile(
    r"(?:sent from|get outlook for|von meinem|gesendet (?:von|mit)|envoyé (?:de|depuis)|enviado desde|enviado (?:do|"
    r"de)|"
    r"inviato da|verstuurd vanaf|verzonden vanaf|wysłane z|skickat från)\b.{0,60}",
    re.IGNORECASE,
)
_STRONGEST_FIRST: tuple[OptOut, ...] = ("everything", "sequence")


def _wish(sentence: str, *, first: bool) -> OptOut | Literal["polite"] | None:
    if _EVERYTHING.fullmatch(sentence):
        return "everything"
    if _SEQUENCE.fullmatch(sentence):
        return "sequence"
    polite = SIGNS_OFF.fullmatch(sentence) or _PHONE.fullmatch(sentence) or (not first and _NAME.fullmatch(sentence))
    return "polite" if polite else None


def _bare(sentence: str) -> str:
    """Leave out greeting, please and thanks."""
    sentence = " ".join(sentence.split()).strip(" \"'“”„*_>-,")
    for _ in range(3):
        sentence = _POLITE.sub("", sentence).strip(" ,")
    return _TAIL.sub("", sentence).strip(" ,")
