"""A plan as one SVG file: no font, script or picture from elsewhere, light and dark, with text for screen readers."""

from collections.abc import Iterator
from html import escape

from rapport.engine.drawing.blocks import blocks
from rapport.engine.drawing.boxes import (
    EDGE,
    LABEL_SIZE,
    PADDING,
    SMALL_GAP,
    SMALL_LINE,
    SMALL_SIZE,
    TEXT_LINE,
    TEXT_SIZE,
    Box,
)
from rapport.engine.drawing.layout import Label, Line, Picture, lay_out
from rapport.engine.drawing.lettering import BOLD, lines, width
from rapport.engine.drawing.subject import Drawn

_MARGIN = 28.0
_TITLE_SIZE, _TITLE_LINE = 20.0, 28.0
_HEADER_LINE = 19.0
# The header's names ("Always ends at") stand in a column of their own.
_NAME_WIDTH = 112.0
_NARROWEST = 640.0
_ROUND = 8.0
# Baselines lie this far below the top of a line, as a part of the letter size.
_ASCENT = 0.78
# Colors with 4.5:1 against what they stand on, in both schemes (WCAG 2.2, 1.4.3).
_STYLE = """
svg { --page: #ffffff; --box: #ffffff; --rim: #c9ced6; --ink: #1c2430; --soft: #566070; --line: #7a8494;
  --send: #1f6feb; --wait: #b7791f; --decide: #8250df; --act: #2da44e; --end: #57606a;
  font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif }
@media (prefers-color-scheme: dark) {
  svg { --page: #11151b; --box: #1b212a; --rim: #3a4452; --ink: #e8ecf2; --soft: #a4afbd; --line: #7f8b9a;
    --send: #58a6ff; --wait: #e3b341; --decide: #bc8cff; --act: #56d364; --end: #9aa4b0 }
}
.page { fill: var(--page) } .box { fill: var(--box); stroke: var(--rim) }
.line { fill: none; stroke: var(--line); stroke-width: 1.5 } .tip { fill: var(--line) }
text { fill: var(--ink) } .soft, .small { fill: var(--soft) } .title, .text { font-weight: 600 }
.label { font-weight: 600; text-anchor: middle } .middle { text-anchor: middle }
.send { fill: var(--send) } .wait { fill: var(--wait) } .decide { fill: var(--decide) }
.act { fill: var(--act) } .end { fill: var(--end) }
"""
_LEGEND = (("send", "mail"), ("wait", "wait"), ("decide", "choice"), ("act", "action"))


def svg(drawn: Drawn) -> str:
    """The drawing as SVG text; the same plan gives the same text, so that a diff shows what changed."""
    return "\n".join(_Page(drawn).lines()) + "\n"


class _Page:
    """One drawing, put together from the top."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._picture: Picture = lay_out(blocks(drawn.plan), drawn)
        self._width = max(self._picture.width, _NARROWEST) + 2 * _MARGIN
        room = self._width - 2 * _MARGIN
        self._title = lines(drawn.title, _TITLE_SIZE * BOLD, room, most=3)
        self._header = [
            (name if place == 0 else "", line)
            for name, said in drawn.header
            for place, line in enumerate(lines(said, TEXT_SIZE, room - _NAME_WIDTH, most=6))
        ]

    def lines(self) -> Iterator[str]:
        """The file, line by line."""
        top = _MARGIN + len(self._title) * _TITLE_LINE + (len(self._header) + 1) * _HEADER_LINE + _MARGIN
        height = top + self._picture.height + _MARGIN
        size = f'width="{self._width:g}" height="{height:g}" viewBox="0 0 {self._width:g} {height:g}"'
        yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">'
        yield f'<title id="title">{_text(self._drawn.title)}</title>'
        yield f'<desc id="desc">{_text(self._described())}</desc>'
        yield f"<style>{_STYLE}</style>"
        yield f'<rect class="page" width="{self._width:g}" height="{height:g}"/>'
        yield from self._head()
        left = (self._width - self._picture.width) / 2
        yield f'<g transform="translate({left:g} {top:g})">'
        for line in self._picture.lines:
            yield from _line(line)
        for label in self._picture.labels:
            yield from _label(label)
        for box in self._picture.boxes:
            yield from _box(box)
        yield "</g>"
        yield "</svg>"

    def _described(self) -> str:
        head = "; ".join(f"{name}: {said}" for name, said in self._drawn.header)
        steps = ". ".join(box.full for box in self._picture.boxes)
        return f"{head}. Steps from top to bottom: {steps}."

    def _head(self) -> Iterator[str]:
        y = _MARGIN
        for line in self._title:
            yield _write(line, _MARGIN, y, _TITLE_SIZE, "title")
            y += _TITLE_LINE
        for name, line in self._header:
            if name:
                yield _write(name, _MARGIN, y, TEXT_SIZE, "soft")
            yield _write(line, _MARGIN + _NAME_WIDTH, y, TEXT_SIZE, "said")
            y += _HEADER_LINE
        yield from self._legend(y + _HEADER_LINE / 3)

    def _legend(self, y: float) -> Iterator[str]:
        x = _MARGIN
        for kind, name in _LEGEND:
            yield f'<rect class="{kind}" x="{x:g}" y="{y + 1:g}" width="11" height="11" rx="2"/>'
            yield _write(name, x + 17, y, SMALL_SIZE, "small")
            x += 17 + width(name, SMALL_SIZE) + 18


def _box(box: Box) -> Iterator[str]:
    left = box.x - box.width / 2
    is_pill = box.kind == "end"
    radius = min(box.height / 2, 20.0) if is_pill else _ROUND
    yield f"<g><title>{_text(box.full)}</title>"
    place = f'x="{left:g}" y="{box.y:g}" height="{box.height:g}"'
    yield f'<rect class="box" {place} width="{box.width:g}" rx="{radius:g}"/>'
    if not is_pill:
        yield f'<path class="{box.kind}" d="{_edge(left, box.y, box.height)}"/>'
    x, style = (box.x, " middle") if is_pill else (left + EDGE + PADDING, "")
    lettered = len(box.text) * TEXT_LINE + len(box.small) * SMALL_LINE + SMALL_GAP * bool(box.small)
    y = box.y + (box.height - lettered) / 2
    for line in box.text:
        yield _write(line, x, y, TEXT_SIZE, f"text{style}")
        y += TEXT_LINE
    y += SMALL_GAP
    for line in box.small:
        yield _write(line, x, y, SMALL_SIZE, f"small{style}")
        y += SMALL_LINE
    yield "</g>"


def _edge(left: float, top: float, height: float) -> str:
    """The colored left edge, round where the box is."""
    bend = f"a{_ROUND:g} {_ROUND:g} 0 0 0 -{_ROUND:g}"
    inner = height - 2 * _ROUND
    return f"M{left + _ROUND:g} {top:g}{bend} {_ROUND:g}v{inner:g}a{_ROUND:g} {_ROUND:g} 0 0 0 {_ROUND:g} {_ROUND:g}z"


def _line(line: Line) -> Iterator[str]:
    (first, *others), tip = line.points, line.points[-1]
    path = f"M{first[0]:g} {first[1]:g}" + "".join(f"L{x:g} {y:g}" for x, y in others)
    yield f'<path class="line" d="{path}"/>'
    if line.is_arrow:
        yield f'<path class="tip" d="M{tip[0]:g} {tip[1]:g}l-5 -9h10z"/>'


def _label(label: Label) -> Iterator[str]:
    wide, high = width(label.text, LABEL_SIZE * BOLD) + 6, LABEL_SIZE + 6
    where = f'x="{label.x - wide / 2:g}" y="{label.y - high / 2:g}" width="{wide:g}" height="{high:g}"'
    yield f'<rect class="page" {where}/>'
    yield _write(label.text, label.x, label.y - LABEL_SIZE / 2, LABEL_SIZE, "label")


def _write(text: str, x: float, top: float, size: float, style: str) -> str:
    baseline = top + size * _ASCENT + (TEXT_LINE - TEXT_SIZE) / 2 * (size == TEXT_SIZE)
    return f'<text class="{style}" x="{x:g}" y="{baseline:g}" font-size="{size:g}">{_text(text)}</text>'


def _text(text: str) -> str:
    """Text that XML may hold: control characters have no place in it, not even escaped."""
    return escape("".join(letter if letter.isprintable() else " " for letter in text))
