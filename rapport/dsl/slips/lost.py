"""Where YAML gave up, what was probably typed wrong there, and how a look at a line reads it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapport.dsl.problem import Source, Span
from rapport.dsl.wording import quoted

KEY = r"[A-Za-z_][\w.-]*"
TEXT = re.compile(rf"\s*(?:- +)?(?P<key>{KEY}):\s+(?P<text>[^\s{{\[].*)")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
# Lines between a quote that was forgotten and the place where it is noticed.
FAR = 400


@dataclass(frozen=True, slots=True)
class Slip:
    """The cause: where it is, what it is, and what to write instead."""

    span: Span
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Where the parser gave up, and the line on which it began what it could not end; lines and columns from 1."""

    source: Source
    line: int
    column: int
    began: int
    says: str

    @property
    def text(self) -> str:
        """The line on which it gave up."""
        return self.source.line(self.line)

    @property
    def above(self) -> int:
        """The last line before it that holds something; 0 when there is none."""
        numbers = range(self.line - 1, max(self.line - FAR, 0), -1)
        return next((number for number in numbers if says_something(self.source.line(number))), 0)

    @property
    def suspects(self) -> Sequence[int]:
        """The lines that may be to blame, the likeliest first."""
        return [line for line in dict.fromkeys((self.began, self.above, self.line)) if line]


def says_something(line: str) -> bool:
    """Whether a line is more than space and a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def without_comment(line: str) -> str:
    """The line with spaces in place of its comment."""
    return re.sub(r"(?:^|\s)#.*", lambda found: " " * len(found[0]), line)


def key_column(line: str) -> int:
    """The column in which the key of a line begins, behind its dashes."""
    found = re.match(r"\s*(?:- +)*", line)
    return (found.end() if found else 0) + 1


def word_of(line: str) -> str:
    """The key of a line, as a message names it."""
    found = re.match(rf"\s*(?:- +)*({KEY})", line)
    return quoted(found[1]) if found else "the one"


def width_at(line: str, column: int) -> int:
    """How wide the word is that begins in a column."""
    found = re.match(r"[\w-]+", line[column - 1 :])
    return len(found[0]) if found else 1
