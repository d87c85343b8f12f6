"""The few words that the layout adds to every mail, in the languages of the mail texts."""

from dataclasses import dataclass
from datetime import date

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_DATES = {"de": "{day}. {month} {year}", "es": "{day} de {month} de {year}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """What stands below every mail."""

    unsubscribe: str
    preferences: str
    privacy: str


_PHRASES = {
    "en": Phrases(unsubscribe="Unsubscribe", preferences="Preferences", privacy="Privacy notice"),
    "de": Phrases(unsubscribe="Abmelden", preferences="Einstellungen", privacy="Datenschutzhinweise"),
    "fr": Phrases(unsubscribe="Se désabonner", preferences="Préférences", privacy="Politique de confidentialité"),
    "es": Phrases(unsubscribe="Darse de baja", preferences="Preferencias", privacy="Aviso de privacidad"),
    "it": Phrases(unsubscribe="Annulla l'iscrizione", preferences="Preferenze", privacy="Informativa sulla privacy"),
    "nl": Phrases(unsubscribe="Afmelden", preferences="Voorkeuren", privacy="Privacyverklaring"),
}


def phrases(language: str) -> Phrases:
    """Give the words in a language such as `de` or `de-AT`; English where there are none."""
    return _PHRASES.get(main_language(language), _PHRASES["en"])


def spoken_date(day: date, language: str) -> str:
    """Write `10 March 2026` as the language does; ISO form in a language whose months are not known here."""
    months = _MONTHS.get(main_language(language))
    if months is None:
        return day.isoformat()
    shape = _DATES.get(main_language(language), "{day} {month} {year}")
    return shape.format(day=day.day, month=months.split()[day.month - 1], year=day.year)


def main_language(language: str) -> str:
    """The language of a tag such as `de-AT`: `de`."""
    return language.replace("_", "-").partition("-")[0].lower()
