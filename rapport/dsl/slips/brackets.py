"""Looks for quotes and brackets: not closed, closed too early, or with something behind them."""

import re

from rapport.dsl.problem import Span
from rapport.dsl.slips.lost import FAR, KEY, QUOTED, TEXT, Lost, Slip, without_comment
from rapport.dsl.wording import quoted

_CLOSES = {"{": "}", "[": "]"}


def open_quote(lost: Lost) -> Slip | None:
    """A quote that is closed only where the next one opens."""
    first = max(lost.began, lost.line - FAR, 1)
    for line in range(first, min(lost.line, len(lost.source.lines)) + 1):
        rest = without_comment(QUOTED.sub(lambda text: "x" * len(text[0]), lost.source.line(line)))
        opened = re.search(r"(?:^|[:,\[{-])\s*([\"'])", rest)
        if opened is None:
            continue
        between = range(line + 1, lost.line)
        if line < lost.line and any(opened[1] in lost.source.line(number) for number in between):
            return None
        if line < lost.line or "quoted scalar" in lost.says:
            span = Span(line, opened.start(1) + 1)
            other = "'" if opened[1] == '"' else '"'
            step = f"write {opened[1]} at the end of the text; if it belongs to it, put all in {other}…{other}"
            return Slip(span, "this quote is not closed", step)
    return None


def brackets(lost: Lost) -> Slip | None:
    """Between braces: one is not closed, a comma is missing, or a quote came too early."""
    if "expected ',' or" not in lost.says:
        return None
    before = lost.text[: lost.column - 1]
    found = lost.text[lost.column - 1 : lost.column]
    if lost.began < lost.line or not found or (found in "}]" and f"'{found}'" not in lost.says):
        return _unclosed(lost)
    if before.endswith(('"', "'")) and found not in "\"'":
        other = "'" if before.endswith('"') else '"'
        span, message = Span(lost.line, lost.column - 1), "this quote ends the text"
        return Slip(span, message, f"write {other} for quotes inside a text")
    if word := re.search(rf"({KEY})\s*$", before):
        start, message = word.start(1), f"there is no comma before {quoted(word[1])}"
        if re.search(r"\w\s+$", before[:start]) and found == ":":
            return Slip(Span(lost.line, start + 1, len(word[1])), message, f"write `, {word[1]}: …`")
    message = "there is no comma before this" if found not in "{[" else "a bracket cannot open here"
    return Slip(
        Span(lost.line, lost.column), message, "separate values with commas, and put texts with signs in quotes"
    )


def _unclosed(lost: Lost) -> Slip | None:
    text = without_comment(QUOTED.sub(lambda quote: "x" * len(quote[0]), lost.source.line(lost.began)))
    opened: list[int] = []
    for place, character in enumerate(text):
        if character in "{[":
            opened.append(place)
        elif character in "}]" and opened and _CLOSES[text[opened[-1]]] == character:
            opened.pop()
        elif character in "}]":
            break
    if not opened:
        return None
    bracket = text[opened[-1]]
    span = Span(lost.began, opened[-1] + 1)
    where = "at the end of what it holds" if lost.began == lost.line else "at the end of the line"
    return Slip(span, f"this {bracket} is not closed", f"write {_CLOSES[bracket]} {where}")


def after_the_end(lost: Lost) -> Slip | None:
    """Something behind the bracket or the quote that has ended a value."""
    before, rest = lost.text[: lost.column - 1].rstrip(), lost.text[lost.column - 1 :].rstrip()
    if not before or not rest or before[-1] not in "}]\"'":
        return None
    span = Span(lost.line, lost.column, len(rest))
    if rest[0] in "}]":
        return Slip(span, f"there is one {rest[0]} too many", "delete it")
    what = "quote" if before[-1] in "\"'" else "bracket"
    found = TEXT.fullmatch(lost.text) or re.fullmatch(rf"\s*(?:- +)?(?P<key>{KEY}):\s+(?P<text>.*)", lost.text)
    quote = "'" if before[-1] == '"' else '"'
    text = f"{quote}…{quote}"
    step = f"put the whole text in quotes: `{found['key']}: {text}`" if found else f"write the whole text as {text}"
    return Slip(span, f"nothing can follow the {what} that ends a value", step)
