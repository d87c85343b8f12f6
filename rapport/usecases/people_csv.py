"""The simple form of a list of people: one row, one person; every cell is checked before anything is stored."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.dsl.project import Project
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.profile_fields import PROFILE, demand, plain, read_email, read_names

_LONGEST_CONSENT_TEXT = 5000
_HIGHEST_SCORE = 1_000_000
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


def _consent_text(cell: str, _: Project) -> str:
    return plain(" ".join(cell.split()), _LONGEST_CONSENT_TEXT)


def _text(cell: str, _: Project) -> str:
    return plain(cell)


def _score(cell: str, _: Project) -> int:
    demand(_NUMBER.fullmatch(cell) is not None and abs(int(cell)) <= _HIGHEST_SCORE, "is not a whole number")
    return int(cell)


def _pools(cell: str, project: Project) -> tuple[str, ...]:
    names = read_names(cell, project)
    for name in names:
        pool = project.pools.get(name)
        demand(pool is not None, f"names {name!r}, which is no pool in project.yaml")
        demand(pool is None or pool.members is None, f"names {name!r}, a segment that people belong to by themselves")
    return names


def _consent(cell: str, project: Project) -> tuple[str, ...]:
    names = read_names(cell, project)
    for name in names:
        demand(name in project.purposes, f"names {name!r}, which is no purpose in project.yaml")
    return names


# Where people stand is moved by what happens, and set by hand for one of them; a list does not say it.
_PROFILE = {name: reader for name, reader in PROFILE.items() if name != "stage"}
READERS: Mapping[str, Callable[[str, Project], Any]] = {
    **_PROFILE,
    "email": read_email,
    "tags": read_names,
    "pools": _pools,
    "consent": _consent,
    "consent_basis": _text,
    "consent_text": _consent_text,
    "score": _score,
}
