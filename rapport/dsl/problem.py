"""What is wrong with a file, as a value: where it is, what it is, and what to do next."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapport.dsl.rules.rulebook import Severity, severity_of

# A terminal line; a longer source line is shown as a window around the mistake.
_SHOWN = 150
_LEAD = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A token of a file: line and column count from 1, `width` is in characters and ends with the line."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Edit:
    """A mend on one line: `text` takes the place of `width` characters; none of them for what is put in between."""

    line: int
    column: int
    width: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake at one token; `help` ends with the next step, and `fix` takes it where it is mechanical."""

    file: str
    line: int
    column: int
    rule: str
    message: str
    help: str
    severity: Severity = "error"
    source_line: str = ""
    width: int = 1
    fix: Edit | None = None

    @property
    def place(self) -> tuple[str, int, int, str]:
        """The sort key: file, line, column, then rule."""
        return (self.file, self.line, self.column, self.rule)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, by which problems get the line that they show."""

    file: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, file: str, text: str) -> "Source":
        """Split at the line breaks that YAML and editors count."""
        return cls(file, tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))

    def line(self, number: int) -> str:
        """The text of a line; empty past the end of the file."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def problem(self, span: Span, rule: str, message: str, help: str) -> Problem:  # noqa: A002  # the field's name in every format
        """A problem at a token of this file, as severe as the rulebook says."""
        return Problem(
            file=printable_name(self.file),
            line=span.line,
            column=span.column,
            rule=rule,
            message=message,
            help=help,
            severity=severity_of(rule),
            source_line=self.line(span.line),
            width=max(span.width, 1),
        )


def printable_name(file: str) -> str:
    """The file's name; one that the disk holds in another encoding than UTF-8 must not stop the message about it."""
    return file.encode("utf-8", "backslashreplace").decode()


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, sorted by file, line and column."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.place))


def as_text(problems: Iterable[Problem]) -> str:
    """What a terminal shows: `file:line:col: message [rule]`, the line, a caret under the token, the next step."""
    return "\n".join(_paragraph(problem) for problem in in_order(problems))


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON list of `{file, line, column, rule, severity, message, help}`."""
    keys = ("file", "line", "column", "rule", "severity", "message", "help")
    rows = [{key: getattr(problem, key) for key in keys} for problem in in_order(problems)]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _paragraph(problem: Problem) -> str:
    kind = "warning: " if problem.severity == "warning" else ""
    head = f"{problem.file}:{problem.line}:{problem.column}: {kind}{problem.message} [{problem.rule}]"
    gutter = " " * len(str(problem.line))
    shown, before, width = _window(problem)
    caret = " " * before + "^" + "~" * (width - 1)
    rows = [head]
    if problem.source_line:
        rows += [f"{gutter} |", f"{problem.line} | {shown}", f"{gutter} | {caret}"]
    if problem.help:
        rows.append(f"{gutter} = help: {problem.help}")
    return "\n".join(rows) + "\n"


def _window(problem: Problem) -> tuple[str, int, int]:
    """The shown part of the line, the cells before the token, and the token's cells."""
    line, start = problem.source_line, problem.column - 1
    first = 0 if len(line) <= _SHOWN or start <= _LEAD else start - _LEAD
    cells = [_printable(char) for char in line[first : first + _SHOWN]]
    before = sum(map(_cells, cells[: start - first]))
    width = sum(map(_cells, cells[start - first : start - first + problem.width]))
    text = "".join(cells).rstrip()
    return f"{'…' if first else ''}{text}", before + (1 if first else 0), max(width, 1)


def _printable(char: str) -> str:
    """The character, or a dot: a file must not steer the terminal that shows it."""
    return char if char.isprintable() else "·"


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
