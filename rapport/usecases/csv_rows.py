"""Reading a CSV file that anybody may have made: rows with their lines, broken ones as problems, never a traceback."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapport.errors import BadInput

_UNDECODED = re.compile("[\udc80-\udcff]")
_LONE_RETURN = "it has the line ends of an old Macintosh"
_NO_NAME = "has no name in the header, and nothing is made of it; name it, or empty it"
_SAVE_AS = "Save it as CSV in UTF-8, with commas between the columns."


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """What is wrong with one row; `column` is None when it is about the whole row."""

    line: int
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvRow:
    """One row by the names of its columns; cells are stripped of surrounding blanks."""

    line: int
    cells: dict[str, str]


class CsvFile:
    """A CSV file with a header; `columns` are known at once, rows are read as they are asked for.

    Names of columns are in small letters, with `_` for blanks. Spreadsheets write columns without a name at the end;
    `nameless` says of each one that holds something where it does so first, as far as rows have been read.
    Raises BadInput, naming the line, for what is no such file at all.
    """

    SAVE_AS: Final = _SAVE_AS

    def __init__(
        self, lines: Iterator[str], *, separator: str = ",", order: Sequence[str] = (), passed_over: int = 0
    ) -> None:
        """Read the header from the lines of a file; with an `order`, these are the columns, whatever it says.

        `passed_over` is how many lines of the file came before these.
        """
        self._passed_over = passed_over
        self._reader = csv.reader(lines, strict=True, delimiter=separator)
        try:
            header = next(self._reader, None)
        except csv.Error as error:
            message = f"the header cannot be read ({_why(error)})."
            raise BadInput(place="line 1", message=message, hint=_SAVE_AS) from error
        if header is None:
            raise BadInput(place="line 1", message="the file is empty.", hint="Put the column names on line 1.")
        self.columns: Sequence[str] = list(order) or ["_".join(name.lower().split()) for name in header]
        self._refuse_bad_header()
        self._without_name = [place for place, name in enumerate(self.columns) if not name]
        self._nameless: dict[int, RowProblem] = {}

    @property
    def nameless(self) -> Sequence[RowProblem]:
        """The columns without a name that hold something, each with the first line on which it does."""
        return [*self._nameless.values()]

    def _refuse_bad_header(self) -> None:
        if any(_is_undecoded(name) for name in self.columns):
            raise BadInput(place="line 1", message="the file is not UTF-8.", hint=_SAVE_AS)
        twice = sorted({name for name in self.columns if name and self.columns.count(name) > 1})
        if twice:
            raise BadInput(
                place="line 1", message=f"the column {twice[0]!r} is there twice.", hint="Remove one of them."
            )

    def rows(self) -> Iterator[CsvRow | RowProblem]:
        """Every row that is not blank."""
        while True:
            line = self._passed_over + self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield RowProblem(line=line, column=None, reason=f"cannot be read ({_why(error)})")
                continue
            if cells is None:
                return
            if any(cells) and any(map(str.strip, cells)):
                yield self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> CsvRow | RowProblem:
        if len(cells) != len(self.columns):
            reason = f"has {len(cells)} cells, but the header has {len(self.columns)}"
            return RowProblem(line=line, column=None, reason=reason)
        if _is_undecoded("".join(cells)):
            name = next(name for name, cell in zip(self.columns, cells, strict=True) if _is_undecoded(cell))
            return RowProblem(line=line, column=name, reason="is not UTF-8")
        for place in self._without_name:
            if cells[place].strip() and place not in self._nameless:
                self._nameless[place] = RowProblem(line=line, column=f"column {place + 1}", reason=_NO_NAME)
        return CsvRow(line=line, cells=dict(zip(self.columns, map(str.strip, cells), strict=True)))


def _why(error: csv.Error) -> str:
    """The reason in a marketer's words, where Python's are for programmers."""
    return _LONE_RETURN if "new-line" in str(error) else str(error)


def _is_undecoded(text: str) -> bool:
    return not text.isascii() and _UNDECODED.search(text) is not None
