"""Mails per day as bars in one SVG file: no font, script or picture from elsewhere, light and dark."""

from collections.abc import Iterator
from datetime import date
from html import escape

from rapport.engine.forecast import Forecast

_WIDTH, _HEIGHT = 960.0, 360.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 20.0, 64.0, 44.0
# A bar of one person on the busiest day would have no height at all.
_LOWEST = 1.0
_WIDEST = 28.0
# Labels of days need this much room.
_LABEL = 92.0
# Colors with 4.5:1 against the page for text, 3:1 for bars, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11).
_STYLE = """
svg { --page: #ffffff; --ink: #1c2430; --soft: #566070; --line: #dfe3e8; --bar: #1f6feb;
  font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif }
@media (prefers-color-scheme: dark) {
  svg { --page: #11151b; --ink: #e8ecf2; --soft: #a4afbd; --line: #2c3440; --bar: #58a6ff }
}
.page { fill: var(--page) } .bar { fill: var(--bar) } .line { stroke: var(--line) }
text { fill: var(--soft); font-size: 13px }
.title { fill: var(--ink); font-size: 18px; font-weight: 600 } .count { text-anchor: end } .date { text-anchor: middle }
"""


def forecast_svg(forecast: Forecast, title: str) -> str:
    """The drawing as SVG text; every bar names its day and number to whoever points at it or has it read out."""
    return "\n".join(_lines(forecast, list(forecast.days), title)) + "\n"


def summary(forecast: Forecast) -> str:
    """`1,000 people, 2,310 mails; busiest day: Mon 02 Mar 2026 with 1,000`."""
    busiest = forecast.busiest
    most = f"; busiest day: {busiest[0]:%a %d %b %Y} with {busiest[1]:,}" if busiest else ""
    people, mails = forecast.entered.total(), forecast.total
    return f"{people:,} {_plural(people, 'person', 'people')}, {mails:,} {_plural(mails, 'mail', 'mails')}{most}"


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _lines(forecast: Forecast, days: list[tuple[date, int]], title: str) -> Iterator[str]:
    top = _round_up(max((mails for _, mails in days), default=0))
    size = f'width="{_WIDTH:g}" height="{_HEIGHT:g}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">'
    yield f'<title id="title">{_text(title)}: mails per day</title>'
    yield f'<desc id="desc">{_text(summary(forecast))}</desc>'
    yield f"<style>{_STYLE}</style>"
    yield f'<rect class="page" width="{_WIDTH:g}" height="{_HEIGHT:g}"/>'
    yield f'<text class="title" x="{_LEFT:g}" y="28">{_text(_short(title))}</text>'
    yield f'<text x="{_LEFT:g}" y="48">{_text(summary(forecast))}</text>'
    yield from _scale(top)
    yield from _bars(days, top)
    yield "</svg>"


def _scale(top: int) -> Iterator[str]:
    for part in (0, top // 2, top) if top > 1 else (0, top):
        y = _y(part, top)
        yield f'<path class="line" d="M{_LEFT:g} {y:g}H{_WIDTH - _RIGHT:g}"/>'
        yield f'<text class="count" x="{_LEFT - 8:g}" y="{y + 4:g}">{part:,}</text>'


def _bars(days: list[tuple[date, int]], top: int) -> Iterator[str]:
    each = (_WIDTH - _LEFT - _RIGHT) / max(len(days), 1)
    wide = min(each * 0.8, _WIDEST)
    every = max(1, round(_LABEL / each + 0.5))
    for place, (day, mails) in enumerate(days):
        middle = _LEFT + each * (place + 0.5)
        if mails:
            y = min(_y(mails, top), _y(0, top) - _LOWEST)
            yield f"<g><title>{day:%a %d %b %Y}: {mails:,}</title>"
            box = f'x="{middle - wide / 2:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{_y(0, top) - y:.2f}"'
            yield f'<rect class="bar" {box}/></g>'
        if place % every == 0:
            yield f'<text class="date" x="{middle:.2f}" y="{_HEIGHT - _BOTTOM + 22:g}">{day:%d %b %Y}</text>'


def _y(mails: int, top: int) -> float:
    room = _HEIGHT - _TOP - _BOTTOM
    return _HEIGHT - _BOTTOM - room * mails / max(top, 1)


def _round_up(number: int) -> int:
    """The next number that is easy to halve and to read, such as 2, 4, 6, 10, 20, 40, 60 and 100."""
    step = 1
    while True:
        for factor in (2, 4, 6, 10):
            if number <= step * factor:
                return step * factor
        step *= 10


def _short(title: str) -> str:
    # Some 85 letters of the title's size fit.
    return title if len(title) <= 80 else f"{title[:79]}…"  # noqa: PLR2004  # said above


def _text(text: str) -> str:
    """Text that XML may hold: control characters have no place in it, not even escaped."""
    return escape("".join(letter if letter.isprintable() else " " for letter in text))
