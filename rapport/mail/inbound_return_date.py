"""When a person who is away comes back, as out-of-office notes say it in their languages."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

_FURTHEST = timedelta(days=366)
_LOOKED_AT = 2_000
_MONTHS: Sequence[str] = (
    "January February March April May June July August September October November December",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Jänner Feber Maerz April Mai Juni Juli August September Oktober November Dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
)
_WEEKDAYS: Sequence[str] = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "poniedziałku wtorku środy czwartku piątku soboty niedzieli",
)
_WEEKDAY = "|".join(word for week in _WEEKDAYS for word in week.split())
_DAY = (
    r"\d{4}-\d{2}-\d{2}|\d{1,2}\.[ \t]?\d{1,2}\.[ \t]?(?:\d{4}|\d{2})?|\d{1,2}/\d{1,2}/\d{4}|"
    r"\d{1,2}-\d{1,2}-\d{4}|\d{1,2}(?:st|nd|rd|th|\.|er|º)?[ \t]+(?:of |de |d')?[^\W\d_]{3,12}\.?"
    r"(?:,?[ \t]+(?:de |del )?\d{4})?|"
    rf"(?!(?:{_WEEKDAY})\b)[^\W\d_]{{3,9}}\.?[ \t]+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?[ \t]+\d{{4}})?|"
    # "Monday, 16 March" is a day of March.
    rf"(?:{_WEEKDAY})\b(?!,?[ \t]+(?:\w{{2,4}}[ \t]+)?\d)(?!,?[ \t]+[^\W\d_]{{3,12}}\.?[ \t]+\d)"
)
_BACK = re.compile(
    r"\b(?P<how>back(?: in the office| at work| online)?(?: again)?(?: on)?|"
    r"return(?:ing|s)?(?: to (?:the office|work|my desk))?(?: on)?|until(?: and including)?|till|through|thru|"
    r"(?:available|reachable) (?:again )?(?:from|on)(?: again)?|"
    r"bis(?: einschließlich| und mit| inklusive)?(?: zum)?|ab(?: dem)?|zurück (?:am|ab)|wieder (?:am|ab|da am)(?: "
    r"dem)?|"
    r"jusqu'(?:au|à)(?: et y compris)?(?: le)?|(?:de )?retour (?:le|au bureau le)|reviens le|reviendrai le|rentre le|"
    r"hasta(?: el)?(?: día)?|(?:vuelvo|volveré|regreso|regresaré|vuelta|reincorporo|reincorporaré)(?: a la oficina)? "
    r"el|"
    r"(?:sino|fino) (?:al|a)|(?:torno|tornerò|rientro|rientrerò|ritorno|di ritorno)(?: in ufficio)? (?:il|lunedì)|"
    r"(?:tot(?: en met)?|t/m|t\.e\.m\.)|(?:weer )?terug (?:op|vanaf)|(?:weer )?(?:aanwezig|bereikbaar) (?:op|vanaf)|"
    r"vanaf|"
    r"até(?: (?:ao|o|a))?(?: dia)?|(?:volto|voltarei|regresso|regressarei|retorno|retornarei) (?:a|em|no dia|ao "
    r"escritório em|dia)|"
    r"do(?: dnia)?|(?:wracam|wrócę|powrót|będę)(?: do biura)?(?: w)?(?: dnia)?(?: od)?|od)[ \t]+"
    r"(?:\w{2,13}(?:-feira)?,?[ \t]+){0,2}?(?:the[ \t]+|le[ \t]+|den[ \t]+|dem[ \t]+|el[ \t]+|il[ \t]+|dia[ \t]+)?"
    rf"(?P<date>{_DAY})",
    re.IGNORECASE,
)
# Away on that day, too: back on the next one.
_INCLUDED = (
    *("through", "thru", "until and including", "bis einschließlich", "bis und mit", "bis inklusive", "tot en met"),
    *("t/m", "t.e.m.", "jusqu'au et y compris"),
)
_INCLUDED_AFTER = re.compile(
    r"[ \t]*,?\(?(?:inclusive|included|einschließlich|inklusive|inclus|incluido|inclusive|compreso|incluso|inbegrepen|"
    r"inclusief|włącznie)\b",
    re.IGNORECASE,
)


def back_on(text: str, *, written_on: date | None) -> date | None:
    """Find the day of return in an out-of-office note; None when it is not clear, past or more than a year away.

    A day without a year, and a day of the week, is the next one after `written_on`.
    """
    for match in _BACK.finditer(text[:_LOOKED_AT]):
        day = _day(match["date"], written_on)
        if day is None:
            continue
        included = match["how"].lower().startswith(_INCLUDED) or _INCLUDED_AFTER.match(text, match.end())
        day += timedelta(days=1 if included else 0)
        if written_on is None or timedelta(0) <= day - written_on <= _FURTHEST:
            return day
    return None


def _day(text: str, written_on: date | None) -> date | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not numbers:
        return _weekday(text.lower(), written_on)
    month = next((found for word in re.findall(r"[^\W\d_]{3,}", text) if (found := _month(word))), None)
    try:
        return _in_digits(text, numbers, written_on) if month is None else _with_name(numbers, month, written_on)
    except ValueError:
        return None


def _weekday(word: str, written_on: date | None) -> date | None:
    number = next((week.split().index(word) for week in _WEEKDAYS if word in week.split()), None)
    if number is None or written_on is None:
        return None
    return written_on + timedelta(days=(number - written_on.weekday() - 1) % 7 + 1)


def _month(word: str) -> int | None:
    """Read the name of a month, or its first three letters or more; "ma" could be two months."""
    word = word.lower().rstrip(".")
    for names in _MONTHS:
        for number, name in enumerate(names.lower().split(), 1):
            if name.startswith(word):
                return number
    return None


def _in_digits(text: str, numbers: list[int], written_on: date | None) -> date | None:
    match numbers:
        case [year, month, day] if "-" in text and year > 31:  # noqa: PLR2004  # no day of a month is
            return date(year, month, day)
        case [day, month, year] if "." in text or "-" in text or day > 12:  # noqa: PLR2004  # 13/3/2026 can only be one day
            return date(_full_year(year), month, day)
        case [month, day, year] if day > 12:  # noqa: PLR2004  # and so can 3/13/2026
            return date(year, month, day)
        case [day, month] if "." in text:
            return _next(day, month, written_on)
        case _:
            return None


def _with_name(numbers: list[int], month: int, written_on: date | None) -> date | None:
    if len(numbers) == 1:
        return _next(numbers[0], month, written_on)
    return date(numbers[1], month, numbers[0])


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year  # noqa: PLR2004  # 26 means 2026


def _next(day: int, month: int, written_on: date | None) -> date | None:
    if written_on is None:
        return None
    this_year = date(written_on.year, month, day)
    return this_year if this_year >= written_on else date(written_on.year + 1, month, day)
