"""The strict loader: a YAML file to plain values with the place of every key and value, and no surprises.

Plain scalars follow YAML 1.2 (`NO`, `10:30` and `0123` are text). What makes YAML surprising or dangerous — aliases,
anchors, tags, duplicate keys, second documents — is a problem; nothing is raised and nothing is silently accepted.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapport.dsl.compose import Composer, Place, Route
from rapport.dsl.problem import Problem, Source, Span, in_order

# A hundred times the longest sequence that we have seen; what is larger was generated, or is an attack.
MAX_BYTES = 256 * 1024
_BOM = "\ufeff"
# NEL, LS and PS count as line breaks in YAML 1.1 only, which would move every line number after them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_TAB = re.compile(r"^ *\t", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A file as plain values (None when it cannot be read) and the place of everything in it."""

    source: Source
    tree: Any = None
    places: dict[Route, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def file(self) -> str:
        """The file's name, as problems show it."""
        return self.source.file

    def value(self, route: Route) -> Span:
        """Where a value stands; for a route that is not in the file, the nearest one above."""
        return self._nearest(route).value

    def key(self, route: Route) -> Span:
        """Where a value's key stands; an item of a list has no key, so that its own place is given."""
        place = self._nearest(route)
        return place.key or place.value

    def _nearest(self, route: Route) -> Place:
        while route and route not in self.places:
            route = route[:-1]
        return self.places.get(route, Place(value=Span(1, 1)))


def load_file(path: Path, *, shown_as: str | None = None) -> Loaded:
    """Read a file; OSError when the disk refuses, everything else is in `problems`.

    A link that leads out of the file's folder is not followed: messages show lines, and these may be anybody's.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
        message, step = "this file is a link that leads out of its folder", "put the file itself here"
        return _refused(Source(shown_as or str(path), ()), Span(1, 1), "link-outside", message, step)
    with path.open("rb") as file:
        return load_bytes(file.read(MAX_BYTES + 1), shown_as or str(path))


def load_bytes(data: bytes, file: str) -> Loaded:
    """Read what a file holds; bytes that are no UTF-8 are a problem with their place."""
    if len(data) > MAX_BYTES:
        message = f"a file may have {MAX_BYTES // 1024} kB; this one has more"
        return _refused(Source(file, ()), Span(1, 1), "too-large", message, "split it into several sequences")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        source = Source.of(file, data.decode("utf-8", "replace").replace("\x00", " "))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        return _refused(source, _span_at(before), "bad-encoding", message, "save the file as UTF-8")
    return load_text(text, file)


def load_text(text: str, file: str) -> Loaded:
    """Read YAML text."""
    text = text.removeprefix(_BOM)
    source = Source.of(file, text)
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return load_bytes(b" " * (MAX_BYTES + 1), file)
    if strange := _CONTROL.search(text):
        message = f"the character U+{ord(strange[0]):04X} cannot be in a file"
        place = _span_at(text[: strange.start()])
        return _refused(source, place, "control-character", message, "delete it; it is probably invisible")
    if tab := _TAB.search(text):
        place = _span_at(text[: tab.end() - 1])
        return _refused(source, place, "tab", "a line is indented with a tab", "indent with spaces")
    composer = Composer(source)
    tree = composer.compose(text)
    return Loaded(source=source, tree=tree, places=composer.places, problems=in_order(composer.problems))


def _refused(source: Source, span: Span, rule: str, message: str, step: str) -> Loaded:
    return Loaded(source=source, problems=(source.problem(span, rule, message, step),))


def _span_at(before: str) -> Span:
    """The place right after a text."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Span(len(lines), len(lines[-1]) + 1)
