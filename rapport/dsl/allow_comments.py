"""Finds `lint: allow` comments in the text of a file, and the line that each of them is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import yaml

from rapport.dsl.problem import Source, Span

# The C parser is ten times faster; the other one is the same language.
_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_YAML = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*lint:[ \t]*allow\b(.*)")
# Nobody writes a reason of 300 characters; without a bound, a line full of beginnings would take quadratic time.
_MAIL = re.compile(r"<!--[ \t]*lint:[ \t]*allow\b(.{0,300}?)-->")
_BRACED = re.compile(r"\{#-?[ \t]*lint:[ \t]*allow\b(.{0,300}?)-?#\}")
# With its line break when nothing else is on the line: a blank line would part a paragraph in two.
_COMMENT = r"(?:<!--[ \t]*lint:.{0,300}?-->|\{#-?[ \t]*lint:.{0,300}?#\})"
_HIDDEN = re.compile(rf"^[ \t]*{_COMMENT}[ \t]*\n|{_COMMENT}", re.MULTILINE)
_SILENT = re.compile(r"[ \t]*(?:$|#|<!--[ \t]*lint:|\{#-?[ \t]*lint:)")
_FENCE = "---"
# Nobody reviews more exceptions in one file; those that follow allow nothing.
_MOST = 100


@dataclass(frozen=True, slots=True)
class Comment:
    """What stands behind `lint: allow`, the place of the comment and of what it says, and the line that it is about."""

    said: str
    column: int
    span: Span
    about: int


def comments_in_yaml(source: Source) -> Iterator[Comment]:
    """Find the comments of a file that is YAML; a `#` inside a text is none."""
    found = [(number, match) for number, match in _matches(source, _YAML)]
    texts = list(_texts(source)) if found else []
    for number, match in found:
        if not any(start <= (number, match.start()) < end for start, end in texts):
            yield _comment(source, number, match)


def comments_in_mail(source: Source) -> Iterator[Comment]:
    """Find the comments of a mail or note: `<!-- … -->` or `{# … #}`, and `# …` in the front matter."""
    end = _end_of_front_matter(source)
    for number, match in _matches(source, _YAML):
        if number < end and not source.line(number)[: match.start()].strip():
            yield _comment(source, number, match)
    for pattern in (_MAIL, _BRACED):
        yield from (_comment(source, number, match) for number, match in _matches(source, pattern))


def without_comments(text: str) -> str:
    """The text of a mail as candidates get it: Markdown would show them our comments."""
    return _HIDDEN.sub("", text) if "lint:" in text else text


def _matches(source: Source, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    lines = ((number, line) for number, line in enumerate(source.lines, 1) if "lint:" in line)
    return islice(((number, match) for number, line in lines for match in pattern.finditer(line)), _MOST)


def _comment(source: Source, number: int, match: re.Match[str]) -> Comment:
    said, line = match[1], source.line(number)
    column = match.start(1) + len(said) - len(said.lstrip()) + 1
    span = Span(number, match.start() + 1, len(match[0].rstrip()))
    alone = not (line[: match.start()] + line[match.end() :]).strip()
    return Comment(said.strip(), column, span, _next(source.lines, number) if alone else number)


def _next(lines: Sequence[str], number: int) -> int:
    """The next line that says something: several comments may stand above one line."""
    following = range(number + 1, len(lines) + 1)
    return next((line for line in following if not _SILENT.match(lines[line - 1])), number)


def _texts(source: Source) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where each text begins and ends, as line and column; a block text begins on the line below its `|`."""
    for token in yaml.scan("\n".join(source.lines), Loader=_LOADER):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark, token.end_mark
            is_block = token.style in {"|", ">"}
            yield ((start.line + 2, 0) if is_block else (start.line + 1, start.column)), (end.line + 1, end.column)


def _end_of_front_matter(source: Source) -> int:
    fences = (number for number, line in enumerate(source.lines[1:], 2) if line.rstrip() == _FENCE)
    return next(fences, 0) if source.line(1).rstrip() == _FENCE else 0
