"""From YAML's events to plain values and their places; PyYAML parses, its constructors are never called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeAlias

import yaml

from rapport.dsl.layout.braces import quoted_braces
from rapport.dsl.problem import Edit, Problem, Source, Span
from rapport.dsl.slips.looks import slip_behind
from rapport.dsl.slips.lost import Lost

Route: TypeAlias = tuple[str | int, ...]
MAX_DEPTH = 40
# Nobody reads more at once.
MAX_PROBLEMS = 100
# A sequence of 1,000 steps; it bounds the time of the checks that follow, whatever the file holds.
MAX_VALUES = 10_000
# More digits than any count or score has, and few enough that every language reads the number exactly.
MAX_DIGITS = 15
# The C parser is ten times faster; the other one is the same language.
_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_BRACES = re.compile(r"(?:^|[:\-\[,{])\s*(\{\{)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, and its key when it has one."""

    value: Span
    key: Span | None = None


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` is the key whose value comes next."""

    into: dict[str, Any] | list[Any]
    route: Route
    key: str | None = None
    key_span: Span | None = None


class _Stop(Exception):  # a way out of the loop, not an error
    """Nothing more can be read; the problem is recorded."""


@dataclass(slots=True)
class Composer:
    """Reads one document; `places` and `problems` fill while it does."""

    source: Source
    places: dict[Route, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _root: Any = None
    _documents: int = 0

    def compose(self, text: str) -> Any:
        """The document as plain values; None when it is empty or cannot be read."""
        try:
            for event in _events(text):
                self._take(event)
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            self._unreadable(error)
            return None
        except yaml.YAMLError as error:
            self._report(Span(1, 1), "bad-yaml", f"this is not YAML: {str(error)[:120]}", "save the file as plain text")
            return None
        return self._root

    def _take(self, event: Any) -> None:
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)
            case _:
                pass

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            message, step = "a file holds one document; `---` starts a second one", "move the rest to its own file"
            self._stop(_span(self.source, event), "second-document", message, step)
        if event.version or event.tags:
            message, step = "YAML directives (lines with %) are not part of the language", "delete the line"
            self._report(_span(self.source, event), "yaml-directive", message, step)

    def _alias(self, event: yaml.AliasEvent) -> None:
        message = f"*{str(event.anchor)[:40]} is a YAML alias; files say everything where it stands"
        self._report(_span(self.source, event), "yaml-alias", message, "write the value out")
        self._put(None, _span(self.source, event))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        span = _span(self.source, event)
        self._decorations(event, span)
        if self._wants_key():
            self._key(event.value, span)
        else:
            self._put(self._resolve(event, span), span)

    def _resolve(self, event: yaml.ScalarEvent, span: Span) -> Any:
        text = event.value
        if _CONTROL.search(text):
            message, step = "this text holds a character that cannot be shown", "delete the escape"
            self._report(span, "control-character", message, step)
        if event.style:  # quoted or a block; plain is None or empty, by parser
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
            return self._number(text, span)
        return text

    def _number(self, text: str, span: Span) -> int | float:
        if len(text) > MAX_DIGITS:
            message = f"a number may have {MAX_DIGITS} digits; this one has {len(text)}"
            self._report(span, "bad-number", message, "put it in quotes if it is a name or an id")
            return 0
        return float(text) if "." in text else int(text)

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        span = _span(self.source, event)
        self._decorations(event, span)
        if self._wants_key():
            self._complex_key(span)
        if len(self._open) >= MAX_DEPTH:
            message = f"values may be nested {MAX_DEPTH} deep; this is deeper"
            self._stop(span, "too-deep", message, "move a part into its own sequence and enroll people there")
        into: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(into, self._put(into, span)))

    def _decorations(self, event: Any, span: Span) -> None:
        if event.anchor:
            message = f"&{event.anchor[:40]} is a YAML anchor; files say everything where it stands"
            self._report(span, "yaml-alias", message, "delete it, and write the value out where it is used")
        if event.tag:
            message = f"{event.tag[:60]} is a YAML tag; values have no types in a sequence"
            self._report(span, "yaml-tag", message, "delete the tag")

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].into, dict) and self._open[-1].key is None

    def _key(self, key: str, span: Span) -> None:
        parent = self._open[-1]
        if key in parent.into:
            first = self.places[(*parent.route, key)].key
            where = f"; the first is at line {first.line}, column {first.column}" if first else ""
            step = (
                "write a dash before it if a step begins here, else keep one of them"
                if key == "id"
                else "keep one of them"
            )
            self._report(span, "duplicate-key", f'"{key[:60]}" is written twice{where}', step)
        parent.key, parent.key_span = key, span

    def _complex_key(self, span: Span) -> NoReturn:
        if _BRACES.search(self.source.line(span.line)):
            self._braces(span.line)
            raise _Stop
        self._stop(span, "bad-yaml", "a key must be a word", "write `key: value`")

    def _put(self, value: Any, span: Span) -> Route:
        """Add a value to the mapping or list that is open; its route."""
        if len(self.places) >= MAX_VALUES:
            message = f"a file may hold {MAX_VALUES:,} values; this one holds more"
            self._stop(span, "too-large", message, "split it into several sequences")
        route: Route = ()
        key_span: Span | None = None
        if self._open:
            route, key_span = self._put_into(self._open[-1], value, span)
        else:
            self._root = value
        self.places[route] = Place(span, key_span)
        return route

    def _put_into(self, parent: _Open, value: Any, span: Span) -> tuple[Route, Span | None]:
        if isinstance(parent.into, list):
            parent.into.append(value)
            return (*parent.route, len(parent.into) - 1), None
        if parent.key is None:  # an alias in the place of a key
            self._stop(span, "bad-yaml", "a key must be a word", "write `key: value`")
        key, key_span = parent.key, parent.key_span
        parent.into[key] = value
        parent.key = parent.key_span = None
        return (*parent.route, key), key_span

    def _unreadable(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and "end of stream" in str(error.problem):
            mark = error.context_mark  # where the quote was opened says more than the end of the file
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        first = error.context_mark.line + 1 if error.context_mark else line
        for number in (line, line - 1, first):
            if _BRACES.search(self.source.line(number)):
                self._braces(number)
                return
        line = min(line, max(len(self.source.lines), 1))
        column = min(column, len(self.source.line(line)) + 1)
        lost = Lost(self.source, line, column, first, _plain(error))
        if slip := slip_behind(lost):
            self._report(slip.span, "bad-yaml", slip.message, slip.help)
            return
        opened = f"; it begins on line {first}" if first < line else ""
        message = f"this is not YAML: {_plain(error)}{opened}"
        step = "check indentation, quotes, colons and brackets around here"
        self._report(Span(line, column), "bad-yaml", message, step)

    def _braces(self, line: int) -> None:
        match = _BRACES.search(self.source.line(line))
        start = match.start(1) + 1 if match else 1
        text = self.source.line(line)[start - 1 :]
        end = text.rfind("}}") + 2
        span = Span(line, start, end if end > 1 else len(text))
        message, step = "did you forget quotes around {{ … }}?", 'write it as "{{ … }}"'
        fix = quoted_braces(self.source.line(line), line, start)
        self._report(span, "unquoted-braces", message, step, fix)

    def _report(self, span: Span, rule: str, message: str, step: str, fix: Edit | None = None) -> None:
        self.problems.append(replace(self.source.problem(span, rule, message, step), fix=fix))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def _stop(self, span: Span, rule: str, message: str, step: str) -> NoReturn:
        self._report(span, rule, message, step)
        raise _Stop


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _span(source: Source, event: Any) -> Span:
    """The event's token, or the part of it that is on its first line."""
    start, end = event.start_mark, event.end_mark
    line, column = start.line + 1, start.column
    width = end.column - column if end.line + 1 == line else len(source.line(line).rstrip()) - column
    return Span(line, column + 1, max(width, 1))


def _plain(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.problem, error.context) if part]
    return " ".join(parts)[:160].replace("\n", " ")
