"""The simple form of a list of people: one row, one person; every cell is checked before anything is stored."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.crm.profile_links import profile_link
from rapport.dsl.project import IMPLIED, Project
from rapport.store.identities import PROFILE as PROFILE_NAME
from rapport.usecases.colleagues import OF_COLLEAGUE, is_colleague
from rapport.usecases.csv_rows import CsvRow, RowProblem
from rapport.usecases.profile_fields import CUSTOM, PROFILE, demand, plain, read_email, read_names, read_profile

_LONGEST_CONSENT_TEXT = 5000
_HIGHEST_SCORE = 1_000_000
_NUMBER = re.compile(r"-?\d{1,7}")
_LIKE_A_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_CUSTOM, _ID = "custom.", "id."
# Columns in which every row says something else.
_OF_ONE = frozenset({"email", "emails", "profiles"})
_NOTHING: Mapping[str, Any] = {}
# So many cells of a column, of so many characters, take less than a megabyte.
_MOST_KEPT, _LONGEST_KEPT = 1_000, 200
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._+-]{0,30}[A-Za-z0-9])?@([a-z0-9]{1,30}\.){1,3}(com|org|net|io|eu|de|at|ch|uk|fr|es|pt|nl|pl|it|us)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPerson:
    """One row that holds; `fields` are only those columns of a candidate that the row fills.

    `emails` begins with the one that mails go to. `names` are what other systems call the person, as (system, value).
    Without `consent_basis`, or `source` among the fields, the row proves no consent.
    """

    line: int
    emails: tuple[str, ...] = field(repr=False)
    names: tuple[tuple[str, str], ...] = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    tags: tuple[str, ...]
    pools: tuple[str, ...]
    consent: tuple[str, ...]
    consent_basis: str
    consent_text: str
    score: int

    def proves_consent(self) -> bool:
        """Whether the row says to what the person agreed, on which basis and where."""
        return bool(self.consent and self.consent_basis and self.fields.get("source"))


def is_column(name: str) -> bool:
    """Whether we make anything of a column with this name."""
    return name in READERS or name.startswith((_CUSTOM, _ID))


def unfit_basis(project: Project, purposes: Sequence[str], basis: str) -> str | None:
    """Why a list cannot say that people agreed to these purposes on this basis; None when it can, or names none."""
    for purpose in purposes if basis else ():
        bases = project.purposes[purpose].bases
        if basis == IMPLIED and basis in bases:
            return "is implied, which ends, and a list cannot say when: write it down by `rapport consent --until`"
        if basis not in bases:
            known = ", ".join(each for each in bases if each != IMPLIED)
            return f"names {_quoted(basis)}, which is no basis of {purpose}; a list may say: {known}"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for every row that says nothing else: where the list comes from, and to what its people agreed."""

    source: str = ""
    consent: tuple[str, ...] = ()
    basis: str = ""
    text: str = ""


class PeopleReader:
    """Reads the rows of one list; what many cells say alike, such as a country, is read once."""

    def __init__(self, project: Project, defaults: Defaults) -> None:
        """Rows are checked against what this project.yaml names."""
        self._project, self._defaults = project, defaults
        self._known: dict[str, dict[str, Any]] = {name: {} for name in READERS if name not in _OF_ONE}

    def read(self, row: CsvRow) -> ImportedPerson | tuple[RowProblem, ...]:
        """Read one row, or say everything that is wrong with it."""
        values: dict[str, Any] = {}
        problems = [*self._cells(row, values), *_read_custom(row, self._project, values)]
        emails = tuple(dict.fromkeys([*filter(None, [values.pop("email", "")]), *values.pop("emails", ())]))
        names = tuple(dict.fromkeys([*values.pop("profiles", ()), *_ids(row.cells)]))
        if not emails and not names and not problems:
            problems.append(RowProblem(line=row.line, column="email", reason="is missing"))
        problems += [
            RowProblem(line=row.line, column="email", reason=OF_COLLEAGUE)
            for email in emails
            if is_colleague(email, self._project)
        ]
        if problems:
            return tuple(problems)
        person = self._person(row.line, emails, names, values)
        reason = unfit_basis(self._project, person.consent, person.consent_basis)
        return (RowProblem(line=row.line, column="consent_basis", reason=reason),) if reason else person

    def _person(
        self, line: int, emails: tuple[str, ...], names: tuple[tuple[str, str], ...], values: dict[str, Any]
    ) -> ImportedPerson:
        defaults = self._defaults
        if defaults.source and not values.get("source"):
            values["source"] = defaults.source
        return ImportedPerson(
            line=line,
            emails=emails,
            names=names,
            tags=values.pop("tags", ()),
            pools=values.pop("pools", ()),
            consent=values.pop("consent", ()) or defaults.consent,
            consent_basis=values.pop("consent_basis", "") or defaults.basis,
            consent_text=values.pop("consent_text", "") or defaults.text,
            score=values.pop("score", 0),
            fields=values,
        )

    def _cells(self, row: CsvRow, values: dict[str, Any]) -> Iterator[RowProblem]:
        for name, cell in row.cells.items():
            if not cell or name not in READERS:
                continue
            known = self._known.get(name, _NOTHING).get(cell)
            if known is not None:
                values[name] = known
                continue
            try:
                values[name] = READERS[name](cell, self._project)
            except ValueError as error:
                yield RowProblem(line=row.line, column=name, reason=str(error))
            else:
                self._keep(name, cell, values[name])

    def _keep(self, name: str, cell: str, value: Any) -> None:
        known = self._known.get(name)
        if known is not None and len(cell) <= _LONGEST_KEPT:
            if len(known) >= _MOST_KEPT:
                known.clear()
            known[cell] = value


def _ids(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, cell in cells.items():
        if name.startswith(_ID) and cell:
            yield name.removeprefix(_ID), plain(cell)


def _read_custom(row: CsvRow, project: Project, values: dict[str, Any]) -> Iterator[RowProblem]:
    own = {name.removeprefix(_CUSTOM): cell for name, cell in row.cells.items() if name.startswith(_CUSTOM) and cell}
    if not own:
        return
    read = read_profile({CUSTOM: own}, project)
    if isinstance(read, tuple):
        yield from (RowProblem(line=row.line, column=each.field, reason=each.reason) for each in read)
    else:
        values.update(read)


def _consent_text(cell: str, _: Project) -> str:
    return plain(" ".join(cell.split()), _LONGEST_CONSENT_TEXT)


def _text(cell: str, _: Project) -> str:
    return plain(cell)


def _emails(cell: str, project: Project) -> tuple[str, ...]:
    return tuple(_email(each, project) for each in read_names(cell, project))


def _email(cell: str, project: Project) -> str:
    # Most addresses are plain, and the whole grammar takes as long as all else that is done with a row.
    return cell if _PLAIN_EMAIL.fullmatch(cell) and ".." not in cell else read_email(cell, project)


def _profiles(cell: str, project: Project) -> tuple[tuple[str, str], ...]:
    """Those links that are somebody's profile; a homepage tells nobody apart and is left out."""
    links = (profile_link(link) for link in read_names(cell, project))
    return tuple((PROFILE_NAME, link) for link in dict.fromkeys(links) if link)


def _score(cell: str, _: Project) -> int:
    demand(_NUMBER.fullmatch(cell) is not None and abs(int(cell)) <= _HIGHEST_SCORE, "is not a whole number")
    return int(cell)


def _pools(cell: str, project: Project) -> tuple[str, ...]:
    names = read_names(cell, project)
    for name in names:
        pool = project.pools.get(name)
        demand(pool is not None, f"names {_quoted(name)}, which is no pool in project.yaml")
        demand(
            pool is None or pool.members is None,
            f"names {_quoted(name)}, a segment that people belong to by themselves",
        )
    return names


def _quoted(name: str) -> str:
    """A word that is like a key of ours; what is in a column that was shifted may be somebody's name."""
    return repr(name) if _LIKE_A_KEY.fullmatch(name) else "something"


def _consent(cell: str, project: Project) -> tuple[str, ...]:
    names = read_names(cell, project)
    for name in names:
        demand(name in project.purposes, f"names {_quoted(name)}, which is no purpose in project.yaml")
    return names


# Where people stand is moved by what happens, and set by hand for one of them; a list does not say it.
_PROFILE = {name: reader for name, reader in PROFILE.items() if name != "stage"}
READERS: Mapping[str, Callable[[str, Project], Any]] = {
    **_PROFILE,
    "email": _email,
    "emails": _emails,
    "profiles": _profiles,
    "tags": read_names,
    "pools": _pools,
    "consent": _consent,
    "consent_basis": _text,
    "consent_text": _consent_text,
    "score": _score,
}
