"""What was probably meant by a length of time, a time of day, a share, a name, a formula or another tool's word."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from unicodedata import combining, normalize

# Longer texts are no slip of the hand.
_LONGEST = 60
_UNITS = {
    "mi": "minute",
    "h": "hour",
    "st": "hour",
    "d": "day",
    "t": "day",
    "j": "day",
    "w": "week",
    "b": "business day",
}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS = {"a": 1, "an": 1, "ein": 1, "eine": 1, **{word: number for number, word in enumerate(_NUMBERS, start=1)}}
_DURATION = re.compile(
    r"\s*(?:(?:after|in|for|nach|within)\s+)?(?P<count>\d{1,5}|[a-z]{1,5}(?=\s))[\s_-]*(?P<unit>[a-z]+)[\s_-]*[a-z]*\s*"
)
_ISO = re.compile(r"p(?:t?)(?P<count>\d{1,5})(?P<unit>[dwh])")
_HALF = re.compile(r"\s*(?P<count>\d{1,3})[.,]5\s*(?P<unit>[a-z]+)\s*")
_PARTS = {"week": (84, "hour"), "day": (12, "hour"), "hour": (30, "minute")}
_MINUS = "-\u2212\u2013"
_MONTHS = re.compile(r"(?i)\s*(?:\d+|[a-z]{1,5}\s)\s*(?:mo\b|month|monat|mois)")
_TIME = re.compile(r"\s*(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{1,2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.|uhr|h)?\s*")
_HALF_DAY = 12
_SHARE = re.compile(r"\s*(?P<number>\d{1,3})\s*(?:%|percent|prozent)?\s*")
_FORMULA = re.compile(r"\s*(?P<field>[A-Za-z_][\w.]*)\s*(?P<sign>>=|<=|==|!=|=|>|<)\s*(?P<value>[\w. '\"-]+?)\s*")
_SIGNS = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below", "!=": "is_not"}
_WORD = re.compile(r"[\w -]{1,30}")
_NAME = re.compile(r"[a-z0-9-]+")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"})

# What other tools and other languages say; a word counts only where the one on the right may stand.
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "send": ("mail", "email", "send_mail", "send_email", "message", "senden", "sende", "envoyer", "envoi"),
    "wait": ("delay", "pause", "sleep", "timer", "warte", "warten", "attendre", "attente"),
    "wait_for": ("wait_for_event", "wait_for_trigger", "listen", "await", "warte_auf"),
    "wait_until": ("delay_until", "wait_till", "schedule", "warte_bis"),
    "if": ("condition", "branch", "switch", "when", "choose", "wenn", "si"),
    "split": ("ab_test", "abtest", "test", "random", "experiment"),
    "stop": ("end", "exit", "finish", "ende", "fin"),
    "enroll": ("enrol", "start", "start_sequence", "add_to_sequence"),
    "webhook": ("http", "call", "post", "request"),
    "task": ("todo", "to_do", "reminder", "aufgabe"),
    "tag": ("label", "add_tag"),
    "within": ("timeout", "time_limit", "limit", "max"),
    "else": ("otherwise", "sonst", "sinon"),
    "then": ("do", "steps", "dann", "alors"),
    "do": ("then", "steps"),
    "when": ("trigger", "on", "event"),
    "only_if": ("if", "filter", "condition", "where"),
    "again_after": ("reentry", "re_enroll_after", "repeat"),
    "exit": ("stop_if", "exit_on", "stop_when", "ends", "exits"),
    "start": ("trigger", "triggers", "entry", "enroll"),
    "steps": ("actions", "flow", "do", "schritte"),
    "title": ("name", "titel", "titre"),
    "from": ("sender", "absender"),
    "send_between": ("window", "between"),
    "if_fails": ("on_error", "on_failure", "if_failed"),
    "go_on": ("continue", "ignore", "skip", "next", "proceed"),
    "any": ("or", "either", "oder"),
    "all": ("and", "und"),
    "none": ("not", "nor", "nicht"),
    "at_least": ("gte", "ge", ">=", "min", "minimum", "greater_or_equal"),
    "at_most": ("lte", "le", "<=", "max", "maximum"),
    "above": ("gt", ">", "greater_than", "more_than", "over"),
    "below": ("lt", "<", "less_than", "under"),
    "is_not": ("not", "ne", "neq", "!=", "not_equals"),
    "include": ("contains", "has", "in", "includes"),
    "exclude": ("not_in", "excludes", "without"),
    "exists": ("present", "is_set", "not_empty"),
    "submitted": ("form_filled", "form_submitted", "filled_form"),
    "added_to_pool": ("joined_pool", "entered_pool", "in_pool"),
    "replied": ("answered", "reply", "responded"),
    "clicked": ("click",),
    "opened": ("open",),
    "applied": ("application", "apply"),
}
_MEANT: Mapping[str, tuple[str, ...]] = {
    other: tuple(name for name, words in _OTHERS.items() if other in words)
    for other in sorted({word for words in _OTHERS.values() for word in words})
}


def other_word(word: str) -> tuple[str, ...]:
    """The words of the language for one that another tool or another language uses; none when it is not known."""
    return _MEANT.get(word.lower(), ())


def meant_duration(text: object) -> str | None:
    """`7 days` for `7d`, `7days`, `a week` and the like; None for months and for what is no length of time."""
    short = str(text)[:_LONGEST].lower()
    if half := _HALF.fullmatch(short):
        return _with_half(half)
    match = _DURATION.fullmatch(short) or _ISO.fullmatch(short)
    if match is None:
        return None
    count = int(match["count"]) if match["count"].isdecimal() else _WORDS.get(match["count"], 0)
    unit = _unit(match["unit"])
    return _said(count, unit) if unit and count else None


def _unit(text: str) -> str | None:
    return next((long for short, long in _UNITS.items() if text.startswith(short)), None)


def _said(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _with_half(half: re.Match[str]) -> str | None:
    """Half a unit in smaller ones: 36 hours for 1.5 days."""
    unit = _unit(half["unit"])
    if unit not in _PARTS:
        return None
    part, smaller = _PARTS[unit]
    return _said(int(half["count"]) * 2 * part + part, smaller)


def _duration_of(value: object) -> str | None:
    """The length of time, with its sign where it has one."""
    match value:
        case bool():
            return None
        case int():
            return _said(value, "day") if value > 0 else None
        case dict() if len(value) == 1:
            [(unit, count)] = value.items()
            return meant_duration(f"{count} {unit}")
        case str() if value.startswith(tuple(_MINUS)):
            meant = meant_duration(value.lstrip(f"{_MINUS} "))
            return f"-{meant}" if meant else None
        case str():
            return meant_duration(value.lstrip("+ "))
        case _:
            return None


def _time_of(value: object) -> str | None:
    match = _TIME.fullmatch(str(value)[:_LONGEST].lower()) if isinstance(value, str | int | float) else None
    if match is None:
        return None
    hour, minute = int(match["hour"]), match["minute"] or "00"
    # YAML reads 9.30 as a number, which has lost its zero.
    minute = f"{minute}0" if len(minute) == 1 and isinstance(value, float) else minute
    hour += _HALF_DAY if (match["half"] or "").startswith("p") and hour < _HALF_DAY else 0
    return f"{hour:02d}:{int(minute):02d}"


def _share_of(value: object) -> str | None:
    match value:
        case bool():
            return None
        case float() if 0 < value < 1:
            return f"{round(value * 100)}%"
        case int() | str():
            found = _SHARE.fullmatch(str(value)[:_LONGEST].lower())
            return f"{int(found['number'])}%" if found else None
        case _:
            return None


def _plain(text: str) -> str:
    """`joerg` for `jörg`, `inigo` for `íñigo`: letters without their marks, the German ones as they are spelled."""
    return "".join(letter for letter in normalize("NFKD", text.translate(_SPELLED)) if not combining(letter))


def _name_of(value: object) -> str | None:
    """`welcome` for `mails/Welcome.md`, `new-year` for `new year`; an address is no name."""
    if not isinstance(value, str) or len(value) > _LONGEST or "://" in value or "@" in value:
        return None
    last = _plain(value.rstrip("/").rpartition("/")[2].lower())
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\.(?:md|ya?ml|html?)$", "", last)).strip("-")
    return name if _NAME.fullmatch(name) and len(name) > 1 else None


_OF_RULE: Mapping[str, Callable[[object], str | None]] = {
    "bad-duration": _duration_of,
    "bad-time": _time_of,
    "bad-share": _share_of,
    "bad-name": _name_of,
}


def meant_value(rule: str, value: object, pattern: str | None) -> str | None:
    """The value that was probably meant, in the form that the rule is about; None when it still would not fit."""
    meant = _OF_RULE[rule](value) if rule in _OF_RULE else None
    return meant if meant and (pattern is None or re.search(pattern, meant)) else None


def advice_on(rule: str, value: object) -> str | None:
    """What to do about a value that is wrong in a way of its own; None where the usual advice does."""
    text = str(value)[:_LONGEST]
    if rule == "bad-duration" and isinstance(value, str):
        return next((advice.format(text) for shape, advice in _ADVICE if shape.match(text)), None)
    if rule == "bad-name" and "://" in text:
        return "addresses are written in project.yaml; use the name that it has there"
    return None


_ADVICE = (
    (re.compile(r"[^#]*#"), "write a space before the # that begins a comment"),
    (_MONTHS, "months differ in length: write `30 days` or `4 weeks`"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "to wait for a day write `wait_until: {{day: {0:.10}, if_late: go_on}}`"),
    (re.compile(r"(?i)\s*\d+\s*s(?:ec\w*)?\s*$"), "the shortest length of time is `1 minute`"),
    (
        re.compile(r"\s*[-\u2212]\s*\d"),
        "nobody can wait backwards; only an `offset` may be less than nothing",
    ),
)


def meant_condition(text: str) -> str | None:
    """`{candidate.score: {at_least: 40}}` for `candidate.score >= 40`; None for what is no comparison."""
    found = _FORMULA.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    value, operator = found["value"].strip("'\" "), _SIGNS.get(found["sign"])
    return f"{{{found['field']}: {{{operator}: {value}}}}}" if operator else f"{{{found['field']}: {value}}}"


def shown_as_key(key: str, value: Any) -> str:
    """`{add: 5}`, with the value that was written where it can be said in a word."""
    word = str(value).lstrip("+") if isinstance(value, str | int | float) else ""
    return f"{{{key}: {word if _WORD.fullmatch(word) else '…'}}}"
