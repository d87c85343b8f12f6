"""The simple form of a list of people: one row, one person; every cell is checked before anything is stored."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from rapport.dsl.project import Project
from rapport.usecases.csv_rows import CsvRow, RowProblem

_TEXTS = ("first_name", "last_name", "city", "seniority", "source", "consent_basis")
_LONGEST_TEXT = 200  # a name; longer ones are a shifted column
_LONGEST_CONSENT_TEXT = 5000
_HIGHEST_SCORE = 1_000_000
_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{1,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPerson:
    """One row that holds; `fields` are only those columns of a candidate that the row fills."""

    line: int
    email: str = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    tags: tuple[str, ...]
    pools: tuple[str, ...]
    consent: tuple[str, ...]
    consent_basis: str
    consent_text: str
    score: int


def read_person(row: CsvRow, project: Project) -> ImportedPerson | tuple[RowProblem, ...]:
    """Read one row, or say everything that is wrong with it."""
    values: dict[str, Any] = {}
    problems = list(_read_cells(row, project, values))
    if not row.cells.get("email"):
        problems.append(RowProblem(line=row.line, column="email", reason="is missing"))
    if problems:
        return tuple(problems)
    return ImportedPerson(
        line=row.line,
        email=values.pop("email"),
        tags=values.pop("tags", ()),
        pools=values.pop("pools", ()),
        consent=values.pop("consent", ()),
        consent_basis=values.pop("consent_basis", "consent"),
        consent_text=values.pop("consent_text", ""),
        score=values.pop("score", 0),
        fields=values,
    )


def _read_cells(row: CsvRow, project: Project, values: dict[str, Any]) -> Iterator[RowProblem]:
    for name, cell in row.cells.items():
        if not cell or name not in READERS:
            continue
        try:
            values[name] = READERS[name](cell, project)
        except ValueError as error:
            yield RowProblem(line=row.line, column=name, reason=str(error))


def _email(cell: str, _: Project) -> str:
    try:
        # Addresses under .test are welcome: demos and trial imports use them.
        return validate_email(cell, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        message = "is not a mail address"
        raise ValueError(message) from error


def _text(cell: str, _: Project) -> str:
    return _plain(cell, _LONGEST_TEXT)


def _consent_text(cell: str, _: Project) -> str:
    return _plain(" ".join(cell.split()), _LONGEST_CONSENT_TEXT)


def _plain(cell: str, longest: int) -> str:
    _demand(len(cell) <= longest, f"has more than {longest} characters")
    _demand(cell.isprintable(), "holds line breaks or other control characters")
    return cell


def _locale(cell: str, _: Project) -> str:
    _demand(_LOCALE.fullmatch(cell) is not None, 'is not a language such as "de" or "de-AT"')
    return cell.replace("_", "-")


def _timezone(cell: str, _: Project) -> str:
    _demand(cell in _zones(), 'is not a time zone such as "Europe/Berlin"')
    return cell


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _country(cell: str, _: Project) -> str:
    _demand(_COUNTRY.fullmatch(cell) is not None, 'is not a country code such as "DE"')
    return cell.upper()


def _joined_on(cell: str, _: Project) -> date:
    try:
        _demand(_DAY.fullmatch(cell) is not None, "")
        return date.fromisoformat(cell)
    except ValueError as error:
        message = 'is not a day such as "2026-03-02"'
        raise ValueError(message) from error


def _score(cell: str, _: Project) -> int:
    _demand(_NUMBER.fullmatch(cell) is not None and abs(int(cell)) <= _HIGHEST_SCORE, "is not a whole number")
    return int(cell)


def _recruiter(cell: str, project: Project) -> str:
    _demand(cell in project.people, "is not a key of `people` in project.yaml")
    return cell


def _names(cell: str, _: Project) -> tuple[str, ...]:
    """Several names between semicolons, each once."""
    names = (_plain(name.strip(), _LONGEST_TEXT) for name in cell.split(";"))
    return tuple(dict.fromkeys(name for name in names if name))


def _skills(cell: str, project: Project) -> list[str]:
    return list(_names(cell, project))


def _pools(cell: str, project: Project) -> tuple[str, ...]:
    names = _names(cell, project)
    for name in names:
        pool = project.pools.get(name)
        _demand(pool is not None, f"names {name!r}, which is no pool in project.yaml")
        _demand(pool is None or pool.members is None, f"names {name!r}, a segment that people belong to by themselves")
    return names


def _consent(cell: str, project: Project) -> tuple[str, ...]:
    names = _names(cell, project)
    for name in names:
        _demand(name in project.purposes, f"names {name!r}, which is no purpose in project.yaml")
    return names


def _demand(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence: demand this, otherwise say that
    if not holds:
        raise ValueError(otherwise)


READERS: Mapping[str, Callable[[str, Project], Any]] = {
    "email": _email,
    **dict.fromkeys(_TEXTS, _text),
    "locale": _locale,
    "timezone": _timezone,
    "country": _country,
    "skills": _skills,
    "tags": _names,
    "pools": _pools,
    "consent": _consent,
    "consent_text": _consent_text,
    "owner_recruiter": _recruiter,
    "score": _score,
    "joined_on": _joined_on,
}
