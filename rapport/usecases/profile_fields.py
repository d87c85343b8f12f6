"""The fields of a person's profile: what each may hold, for every door that writes one, be it a cell or JSON."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from rapport.dsl.catalogue import Kind
from rapport.dsl.project import Project
from rapport.dsl.stages import STAGES

LONGEST_TEXT = 200  # a name; longer ones are a shifted column
MOST_NAMES = 500  # skills of one person; more are a list of another kind
_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
CUSTOM = "custom"
_Reader = Callable[[Any, Project], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field; `field` is its name, `custom.<name>` for one of the project's own."""

    field: str
    reason: str


def read_profile(fields: Mapping[str, Any], project: Project) -> dict[str, Any] | tuple[FieldProblem, ...]:
    """The fields as they are stored, or everything that is wrong with them.

    None empties a field. `custom` maps names of the project's own fields to values; those not in it stay as they are.
    A value may be of its kind (`7`, `["python"]`) or a text that says it (`"7"`, `"python; go"`).
    """
    values: dict[str, Any] = {}
    problems = list(_read(fields, project, values))
    return tuple(problems) if problems else values


def demand(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence: demand this, otherwise say that
    """Raise a ValueError with what is wrong, unless it holds."""
    if not holds:
        raise ValueError(otherwise)


def read_email(value: Any, _: Project | None = None) -> str:
    """A mail address; ValueError without it, because it is somebody's."""
    try:
        # Addresses under .test are welcome: demos and trial imports use them.
        return validate_email(str(value), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        message = "is not a mail address"
        raise ValueError(message) from error


def plain(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text on one line."""
    demand(isinstance(value, str), "is not a text")
    demand(len(value) <= longest, f"has more than {longest} characters")
    demand(value.isprintable(), "holds line breaks or other control characters")
    return str(value)


def read_names(value: Any, _: Project) -> tuple[str, ...]:
    """Several names, a list or between semicolons, each once."""
    parts: Sequence[Any] = value.split(";") if isinstance(value, str) else value
    demand(isinstance(parts, list | tuple), "is not a list")
    demand(len(parts) <= MOST_NAMES, f"holds more than {MOST_NAMES} names")
    names = (plain(part).strip() for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))


def _read(fields: Mapping[str, Any], project: Project, values: dict[str, Any]) -> Iterator[FieldProblem]:
    for name, value in fields.items():
        if name == CUSTOM:
            yield from _read_custom(value, project, values)
        elif name not in PROFILE:
            known = ", ".join((*PROFILE, CUSTOM))
            yield FieldProblem(field=name, reason=f"is no field of a profile; there are: {known}")
        else:
            yield from _read_one(name, value, PROFILE[name], project, values)


def _read_one(
    name: str, value: Any, reader: _Reader, project: Project, values: dict[str, Any], place: str = ""
) -> Iterator[FieldProblem]:
    try:
        values[name] = None if value is None or value == "" else reader(value, project)
    except ValueError as error:
        yield FieldProblem(field=place or name, reason=str(error))


def _read_custom(value: Any, project: Project, values: dict[str, Any]) -> Iterator[FieldProblem]:
    if not isinstance(value, Mapping):
        yield FieldProblem(field=CUSTOM, reason="is not a mapping of names to values")
        return
    read: dict[str, Any] = {}
    for name, each in value.items():
        kind = project.custom_fields.get(name)
        if kind is None:
            known = ", ".join(sorted(project.custom_fields)) or "none"
            reason = f"is not declared under `custom_fields` of project.yaml; declared: {known}"
            yield FieldProblem(field=f"{CUSTOM}.{name}", reason=reason)
        else:
            yield from _read_one(name, each, _OF_KIND[Kind(kind)], project, read, f"{CUSTOM}.{name}")
    values[CUSTOM] = read


def _text(value: Any, _: Project) -> str:
    return plain(value)


def _locale(value: Any, _: Project) -> str:
    demand(_LOCALE.fullmatch(plain(value)) is not None, 'is not a language such as "de" or "de-AT"')
    return str(value).replace("_", "-")


def _timezone(value: Any, _: Project) -> str:
    demand(plain(value) in _zones(), 'is not a time zone such as "Europe/Berlin"')
    return str(value)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _country(value: Any, _: Project) -> str:
    demand(_COUNTRY.fullmatch(plain(value)) is not None, 'is not a country code such as "DE"')
    return str(value).upper()


def _day(value: Any, _: Project) -> date:
    if isinstance(value, date):
        return value
    try:
        demand(_DAY.fullmatch(plain(value)) is not None, "")
        return date.fromisoformat(value)
    except ValueError as error:
        message = 'is not a day such as "2026-03-02"'
        raise ValueError(message) from error


def _recruiter(value: Any, project: Project) -> str:
    demand(plain(value) in project.people, "is not a key of `people` in project.yaml")
    return str(value)


def _skills(value: Any, project: Project) -> list[str]:
    return list(read_names(value, project))


def _stage(value: Any, _: Project) -> str:
    demand(plain(value) in STAGES, f"is no stage; there are: {', '.join(STAGES)}")
    return str(value)


def _iso_day(value: Any, project: Project) -> str:
    """JSON has no dates: a custom one is kept as its text."""
    return _day(value, project).isoformat()


def _number(value: Any, _: Project) -> int | float:
    demand(isinstance(value, str | int | float) and not isinstance(value, bool), "is not a number")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        message = "is not a number"
        raise ValueError(message) from error
    # Beyond 2^53 a JSON number is another number on the other side.
    demand(math.isfinite(number) and abs(number) <= 2**53, "is not a number, or too large for one")
    return int(number) if number.is_integer() else number


def _boolean(value: Any, _: Project) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    demand(word in (*_YES, *_NO), "is neither true nor false")
    return word in _YES


_OF_KIND: Mapping[Kind, _Reader] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _iso_day,
    Kind.BOOLEAN: _boolean,
    Kind.LIST: _skills,
}
PROFILE: Mapping[str, _Reader] = {
    **dict.fromkeys(("first_name", "last_name"), _text),
    "locale": _locale,
    "timezone": _timezone,
    "country": _country,
    "city": _text,
    "seniority": _text,
    "skills": _skills,
    "source": _text,
    "owner_recruiter": _recruiter,
    "joined_on": _day,
    "stage": _stage,
}
