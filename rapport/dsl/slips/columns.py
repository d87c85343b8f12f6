"""Looks for columns: a line that begins where nothing above begins, or where nothing may begin."""

import re
from collections.abc import Iterator

from rapport.dsl.problem import Span
from rapport.dsl.slips.lost import FAR, Lost, Slip, key_column, says_something, width_at, word_of

_STARTS = re.compile(r"(?P<lead>\s*)(?P<dashes>(?:- +)*)(?P<word>.*)")


def further_in(lost: Lost) -> Slip | None:
    """A line that is further in than the one above, which has its value already."""
    if "mapping values are not allowed" not in lost.says:
        return None
    above = lost.source.line(lost.above)
    start, own = key_column(above), key_column(lost.text)
    if lost.above and own > start:
        message = "this line is indented further than the one above, which has its value already"
        step = f"begin it in column {start}, like {word_of(above)} in line {lost.above}"
        return Slip(Span(lost.line, own, width_at(lost.text, own)), message, step)
    return None


def indent(lost: Lost) -> Slip | None:
    """A line that begins in a column where nothing above begins."""
    start = _STARTS.fullmatch(lost.text)
    if start is None or not start["word"] or lost.column != start.end("lead") + 1 or "," in lost.says:
        return None
    is_item = bool(start["dashes"])
    above = list(_open_columns(lost))
    places = [place for place in above if place[2] is is_item]
    if is_item and not places and any(column == lost.column for column, _, _ in above):
        message = "a list begins here, but keys stand above it in the same column"
        return Slip(
            Span(lost.line, lost.column), message, "begin every entry of a list with a dash, or indent the list"
        )
    if not places or any(column == lost.column for column, _, _ in places):
        return None
    column, line, _ = min(places, key=lambda place: (abs(place[0] - lost.column), -place[0]))
    like = "the dash" if is_item else word_of(lost.source.line(line))
    message = "this line does not begin where another one above begins"
    step = f"begin it in column {column}, like {like} in line {line}"
    return Slip(Span(lost.line, lost.column, width_at(lost.text, lost.column)), message, step)


def _open_columns(lost: Lost) -> Iterator[tuple[int, int, bool]]:
    """Where lines above begin that this one may belong to: column, line, and whether it is a dash."""
    least = 10_000
    for number in range(lost.line - 1, max(lost.line - FAR, 0), -1):
        line = lost.source.line(number)
        if not says_something(line):
            continue
        lead = len(line) - len(line.lstrip()) + 1
        if lead <= least and line.lstrip().startswith("- "):
            yield key_column(line), number, False
            yield lead, number, True
        elif lead < least:
            yield lead, number, False
        least = min(least, lead)
