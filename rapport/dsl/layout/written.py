"""A file as somebody wrote it: values with their quotes, brackets, blank lines and comments."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from its `#` on; `column` counts from 0, `blank` says that an empty line stands above it."""

    text: str
    column: int
    blank: bool = False

    @property
    def is_about_its_line(self) -> bool:
        """Whether it speaks to the check, which reads it as a word about one line."""
        return "lint:" in self.text


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number or word; `style` is the quote or block sign that it was written with, empty for none."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value of a mapping, or of a list when `key` is None, with the comments above it and at the end of its line."""

    key: Scalar | None
    value: "Node"
    above: tuple[Comment, ...] = ()
    beside: tuple[Comment, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A mapping or list; `flow` is one in brackets, `below` are the comments after its last entry."""

    mapping: bool
    flow: bool
    entries: tuple[Entry, ...]
    below: tuple[Comment, ...] = ()

    def value(self, key: str) -> "Node | None":
        """What stands under a key."""
        return next((entry.value for entry in self.entries if entry.key and entry.key.text == key), None)


Node: TypeAlias = Scalar | Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole file; the `head` are the comments before everything, `root` is None when there are only comments."""

    head: tuple[Comment, ...]
    gap: bool
    root: Node | None
    foot: tuple[Comment, ...]
