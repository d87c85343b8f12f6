"""The rows of a list, CSV or JSON Lines, by the names of our columns."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO, Final

from rapport.errors import BadInput
from rapport.usecases.csv_rows import CsvFile, CsvRow, RowProblem
from rapport.usecases.importing.layouts import LAYOUTS, layout_of, plain
from rapport.usecases.importing.text import read_text, separator_of
from rapport.usecases.people_csv import is_column

OWN: Final = "own"
_NAME_IT: Final = f"Name one column `email`, or say which layout it is: {', '.join(LAYOUTS)}."
_MOST_NAMED: Final = 20
# Rows in JSON may each have keys of their own.
_MOST_LEFT_OUT: Final = 1_000
# Excel's way to say what stands between the columns.
_SEPARATOR_LINE: Final = re.compile(r"sep=([,;\t])", re.IGNORECASE)
_WHO: Final = ("email", "emails", "profiles")


class PeopleFile:
    """A list of people, CSV or JSON Lines; `layout` says whose columns it has."""

    def __init__(self, raw: BinaryIO, *, layout: str | None = None) -> None:
        """Read the header, if there is one; BadInput when nobody can be read from this."""
        _demand_known(layout)
        text = read_text(raw)
        self.warning = text.warning
        lines = iter(text.lines)
        first = next(lines, "")
        told = _SEPARATOR_LINE.fullmatch(first.rstrip("\r\n"))
        first = next(lines, "") if told else first
        self._layout = LAYOUTS.get(layout or "")
        self._left_out: dict[str, None] = {}
        self._csv: CsvFile | None = None
        begin = first.lstrip("\ufeff \t")[:1]
        if begin == "[":
            raise BadInput(place="line 1", message="this is one list in JSON.", hint="Write one object on each line.")
        if begin == "{":
            self._rows = _json_rows(chain([first], lines))
        else:
            separator = told[1] if told else separator_of(first)
            self._csv = CsvFile(
                chain([first], lines) if first else lines,
                separator=separator,
                order=self._layout.order if self._layout else (),
                passed_over=1 if told else 0,
            )
            self._rows = self._csv_rows(self._csv, layout)
        self.layout = self._layout.name if self._layout else OWN

    @property
    def left_out(self) -> Sequence[str]:
        """The columns that nothing is made of; in JSON Lines, those of the rows that have been read."""
        return [*self._left_out]

    @property
    def nameless(self) -> Sequence[RowProblem]:
        """Columns without a name that hold something, as far as rows have been read."""
        return self._csv.nameless if self._csv else ()

    def rows(self) -> Iterator[CsvRow | RowProblem]:
        """Every row that is not blank."""
        for row in self._rows:
            if self._csv is None and isinstance(row, CsvRow):
                self._leave_out(row.cells)
            yield row if isinstance(row, RowProblem) or self._layout is None else self._translated(row)

    def _csv_rows(self, file: CsvFile, layout: str | None) -> Iterator[CsvRow | RowProblem]:
        if layout is None:
            self._layout = layout_of(file.columns)
        if self._layout is None:
            _demand_somebody(file.columns)
        self._leave_out(file.columns)
        return file.rows()

    def _leave_out(self, names: Iterable[str]) -> None:
        for name in names:
            if name and not self._is_known(name) and len(self._left_out) < _MOST_LEFT_OUT:
                self._left_out[name] = None

    def _is_known(self, name: str) -> bool:
        if self._layout is None:
            return is_column(name)
        return plain(name) in self._layout.columns or _is_ours(name)

    def _translated(self, row: CsvRow) -> CsvRow:
        assert self._layout is not None  # noqa: S101  # asked before
        cells = self._layout.cells({plain(name): cell for name, cell in row.cells.items()})
        own = {name: cell for name, cell in row.cells.items() if _is_ours(name)}
        return CsvRow(line=row.line, cells={**cells, **own})


def _is_ours(name: str) -> bool:
    """A column that a team has added to the layout of another system, in our words."""
    return name.startswith(("custom.", "id.")) or name in ("consent", "consent_basis", "consent_text", "pools")


def _demand_known(layout: str | None) -> None:
    if layout is not None and layout not in LAYOUTS:
        raise BadInput(place="layout", message=f"{layout!r} is no layout.", hint=f"There are: {', '.join(LAYOUTS)}.")


def _demand_somebody(columns: Sequence[str]) -> None:
    if not any(name in _WHO or name.startswith("id.") for name in columns):
        there = ", ".join(f"`{name}`" for name in columns[:_MOST_NAMED]) or "no column at all"
        message = f"no column says who it is: there is no column `email`, there are {there}."
        raise BadInput(place="line 1", message=message, hint=_NAME_IT)


def _json_rows(lines: Iterator[str]) -> Iterator[CsvRow | RowProblem]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            tree = json.loads(line)
        except (ValueError, RecursionError):
            yield RowProblem(line=number, column=None, reason="is no JSON object")
            continue
        yield _json_row(number, tree)


def _json_row(number: int, tree: Any) -> CsvRow | RowProblem:
    if not isinstance(tree, Mapping):
        return RowProblem(line=number, column=None, reason="is no JSON object")
    own = tree.get("custom")
    flat = {**tree, **{f"custom.{name}": value for name, value in (own if isinstance(own, Mapping) else {}).items()}}
    cells = {}
    for name, value in flat.items():
        if name == "custom" and isinstance(own, Mapping):
            continue
        cell = _cell(value)
        if cell is None or any("\ud800" <= character <= "\udfff" for character in cell):
            return RowProblem(line=number, column=name, reason="is no text, number or list of texts")
        cells[name.strip().lower()] = cell.strip()
    return CsvRow(line=number, cells=cells)


def _cell(value: Any) -> str | None:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case list():
            parts = [part for part in value if isinstance(part, str)]
            return ";".join(parts) if len(parts) == len(value) else None
        case _:
            return None
