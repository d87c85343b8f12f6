"""From text to the file as written: every comment gets the entry that it is about.

A comment at the end of a line is about what ends there. One on a line of its own is about what comes next, unless it is
indented deeper than that: then it closes the block that it is indented like.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import yaml

from rapport.dsl.layout.written import Collection, Comment, Document, Entry, Node, Scalar

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_BLOCK_TEXT = ("|", ">")


@dataclass(frozen=True, slots=True)
class _Found:
    """A comment and where it stands in the text."""

    comment: Comment
    index: int
    line: int


def read_document(text: str) -> Document:
    """Read a text that the loader has nothing against, with line feeds as its only line breaks."""
    return _Reader(text).document()


def comments_in(text: str) -> list[str]:
    """Every comment of such a text, in order."""
    return [found.comment.text for found in _comments(text, _events(text))]


def _events(text: str) -> list[Any]:
    return list(yaml.parse(text, Loader=_LOADER))


def _comments(text: str, events: Iterable[Any]) -> Iterator[_Found]:
    """Every `#` that is outside of a text begins one."""
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for start, end in _between_texts(text, events):
        at = text.find("#", start, end)
        while at >= 0:
            line = bisect_right(starts, at) - 1
            column = at - starts[line]
            comment = Comment(lines[line][column:].rstrip(), column, _blank_above(lines, line))
            yield _Found(comment, at, line)
            at = text.find("#", starts[line + 1], end)


def _between_texts(text: str, events: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """Where comments may stand: between two texts, and beside the sign of a block text."""
    after = 0
    for event in events:
        if not _is_scalar(event):
            continue
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in _BLOCK_TEXT:
            sign_end = text.find("\n", start, end)
            yield after, end if sign_end < 0 else sign_end
        else:
            yield after, start
        after = end
    yield after, len(text)


def _handed_on(entry: Entry) -> Entry:
    """Give an item's first key the comments above it, if one is about that line: the key may not stay the first."""
    value = entry.value
    if entry.key is not None or isinstance(value, Scalar) or value.flow or not value.entries:
        return entry
    if not any(comment.is_about_its_line for comment in entry.above):
        return entry
    first, *rest = value.entries
    first = replace(first, above=entry.above + first.above, blank=entry.blank)
    return replace(entry, value=replace(value, entries=(first, *rest)), above=(), blank=entry.above[0].blank)


def _is_scalar(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent)


def _blank_above(lines: list[str], line: int) -> bool:
    return line > 0 and not lines[line - 1].strip()


class _Reader:
    """Walks the events of one text, and hands out its comments on the way."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._events = _events(text)
        self._comments = list(_comments(text, self._events))
        self._at = 0
        self._taken = 0

    def document(self) -> Document:
        self._skip(yaml.StreamStartEvent, yaml.DocumentStartEvent)
        if isinstance(self._peek(), yaml.StreamEndEvent):
            return Document(head=self._above(None), gap=False, root=None, foot=())
        start = self._peek().start_mark
        head = self._above(start.index)
        gap = bool(head) and _blank_above(self._lines, start.line)
        root = self._node()
        return Document(head=head, gap=gap, root=root, foot=self._above(None))

    def _peek(self) -> Any:
        return self._events[self._at]

    def _next(self) -> Any:
        self._at += 1
        return self._events[self._at - 1]

    def _skip(self, *kinds: type) -> None:
        while isinstance(self._peek(), kinds):
            self._at += 1

    def _node(self) -> Node:
        event = self._next()
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style or "")
        entries: list[Entry] = []
        while not isinstance(self._peek(), _ENDS):
            entries.append(self._entry(mapping=isinstance(event, yaml.MappingStartEvent)))
        below = self._above(self._peek().start_mark.index) if event.flow_style else self._below(event)
        self._at += 1
        return Collection(
            mapping=isinstance(event, yaml.MappingStartEvent),
            flow=bool(event.flow_style),
            entries=tuple(entries),
            below=below,
        )

    def _entry(self, *, mapping: bool) -> Entry:
        start = self._peek().start_mark
        above = self._above(start.index)
        blank = _blank_above(self._lines, start.line)
        key = None
        beside: tuple[Comment, ...] = ()
        if mapping:
            event = self._next()
            key = Scalar(event.value, event.style or "")
            beside = self._beside(event)
        inner = self._peek()
        if _is_scalar(inner) or inner.flow_style:
            above += self._above(inner.start_mark.index)
        value = self._node()
        beside += self._after(inner)
        if isinstance(value, Collection) and not value.entries:
            beside, value = value.below + beside, replace(value, below=())
        # One comment ends a line; where a value over several lines had more, the others go above it.
        above += beside[:-1]
        return _handed_on(Entry(key=key, value=value, above=above, beside=beside[-1:], blank=blank))

    def _after(self, first: Any) -> tuple[Comment, ...]:
        """The comments at the end of a value's last line; those of a block belong to its last entry."""
        if _is_scalar(first) and first.style in _BLOCK_TEXT:
            return self._above(first.end_mark.index)
        last = self._events[self._at - 1]
        if _is_scalar(first) or first.flow_style:
            return self._beside(last)
        return ()

    def _beside(self, event: Any) -> tuple[Comment, ...]:
        line, limit = event.end_mark.line, self._peek().start_mark.index
        return self._take(lambda found: found.line == line and found.index < limit)

    def _above(self, limit: int | None) -> tuple[Comment, ...]:
        return self._take(lambda found: limit is None or found.index < limit)

    def _below(self, start: Any) -> tuple[Comment, ...]:
        """The comments that close a block: indented like it, and deeper than what comes next."""
        following = next(event for event in self._events[self._at :] if not isinstance(event, _ENDS))
        limit = following.start_mark.index
        outside = -1 if isinstance(following, yaml.DocumentEndEvent) else self._indentation(following)
        own = max(start.start_mark.column, outside + 1)
        return self._take(lambda found: found.index <= limit and found.comment.column >= own)

    def _indentation(self, event: Any) -> int:
        line = self._lines[event.start_mark.line]
        return len(line) - len(line.lstrip(" "))

    def _take(self, wanted: Callable[[_Found], bool]) -> tuple[Comment, ...]:
        first = self._taken
        while self._taken < len(self._comments) and wanted(self._comments[self._taken]):
            self._taken += 1
        return tuple(found.comment for found in self._comments[first : self._taken])
