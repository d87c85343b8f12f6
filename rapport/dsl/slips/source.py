"""What was probably typed wrong where YAML gives up: the parser says where it noticed, a person wants the cause."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapport.dsl.problem import Source, Span
from rapport.dsl.wording import quoted

_KEY = r"[A-Za-z_][\w.-]*"
_NO_SPACE = re.compile(r"(?P<lead>\s*(?:- +)?)(?P<key>[a-z_]+):(?!//)(?P<value>[^\s:,}\]].*)")
_NO_COLON = re.compile(r"(?P<lead>\s*(?:- +)?)(?P<key>[a-z_]+)(?: +(?P<value>[^:]*))?")
_NO_SPACE_AFTER_DASH = re.compile(rf"(?P<lead>\s*)-(?P<key>{_KEY}):")
_OTHER_DASH = re.compile("(?P<lead>\\s*)(?P<dash>[\u2010-\u2015\u2212\u2022\u00b7*])\\s")
_OTHER_SPACE = re.compile("[\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000]")
_COMPARES = re.compile(r"[:{,]\s*(?P<sign>>=?(?=\s*\d)|==|!=|=)\s*(?P<value>[\w.-]+)")
_TEXT = re.compile(rf"\s*(?:- +)?(?P<key>{_KEY}):\s+(?P<text>[^\s{{\[].*)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
_STARTS = re.compile(r"(?P<lead>\s*)(?P<dashes>(?:- +)*)(?P<word>.*)")
_CLOSES = {"{": "}", "[": "]"}
_SIGNS = {">=": "at_least", ">": "above", "!=": "is_not"}
# Lines between a quote that was forgotten and the place where it is noticed.
_FAR = 400
# Nobody has typed a longer line, and every look at one takes time.
_LONGEST = 2_000


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
        numbers = range(self.line - 1, max(self.line - _FAR, 0), -1)
        return next((number for number in numbers if _says_something(self.source.line(number))), 0)

    @property
    def suspects(self) -> Sequence[int]:
        """The lines that may be to blame, the likeliest first."""
        return [line for line in dict.fromkeys((self.began, self.above, self.line)) if line]


def slip_behind(lost: Lost) -> Slip | None:
    """The first cause that fits; None when it is none of the usual ones."""
    if any(len(lost.source.line(line)) > _LONGEST for line in lost.suspects):
        return None
    return next((slip for look in _LOOKS if (slip := look(lost))), None)


def _other_space(lost: Lost) -> Slip | None:
    for line in lost.suspects:
        if found := _OTHER_SPACE.search(_QUOTED.sub(lambda text: "x" * len(text[0]), lost.source.line(line))):
            message = f"this is not an ordinary space but U+{ord(found[0]):04X}, as web pages have it"
            return Slip(Span(line, found.start() + 1), message, "delete it, and type a space if one belongs here")
    return None


def _fence(lost: Lost) -> Slip | None:
    if lost.text.lstrip().startswith("```"):
        return Slip(
            Span(lost.line, lost.column, 3), "``` is Markdown; this file is YAML from end to end", "delete the line"
        )
    return None


def _other_dash(lost: Lost) -> Slip | None:
    for line in (lost.line, lost.above):
        if found := _OTHER_DASH.match(lost.source.line(line)):
            message = f"{quoted(found['dash'])} does not begin a step"
            return Slip(Span(line, found.start("dash") + 1), message, "write a hyphen and a space: `- `")
    return None


def _no_space_after_dash(lost: Lost) -> Slip | None:
    for line in lost.suspects:
        if found := _NO_SPACE_AFTER_DASH.match(lost.source.line(line)):
            step = f"write `- {found['key']}: …`"
            return Slip(Span(line, found.end("lead") + 1), "there is no space after the dash", step)
    return None


def _no_space_after_colon(lost: Lost) -> Slip | None:
    for line in lost.suspects:
        if found := _NO_SPACE.fullmatch(lost.source.line(line)):
            message, step = f'there is no space after the colon of "{found["key"]}"', f"write `{found['key']}: …`"
            return Slip(Span(line, found.start("key") + 1, len(found["key"]) + 1), message, step)
    return None


def _no_colon(lost: Lost) -> Slip | None:
    if "expected ':'" not in lost.says:
        return None
    if found := _NO_COLON.fullmatch(lost.source.line(lost.began)):
        key, value = found["key"], " …" if found["value"] else ""
        span = Span(lost.began, found.start("key") + 1, len(key))
        return Slip(span, f'there is no colon after "{key}"', f"write `{key}:{value}`")
    return None


def _compares(lost: Lost) -> Slip | None:
    for line in (lost.line, lost.above):
        if found := _COMPARES.search(lost.source.line(line)):
            operator, value = _SIGNS.get(found["sign"]), found["value"]
            step = f"write `{{{operator}: {value}}}`" if operator else f"write only `{value}`"
            span = Span(line, found.start("sign") + 1, len(found["sign"]))
            return Slip(span, f"{quoted(found['sign'])} is a formula; conditions are said in words", step)
    return None


def _open_quote(lost: Lost) -> Slip | None:
    """A quote that is closed only where the next one opens."""
    first = max(lost.began, lost.line - _FAR, 1)
    for line in range(first, min(lost.line, len(lost.source.lines)) + 1):
        rest = _without_comment(_QUOTED.sub(lambda text: "x" * len(text[0]), lost.source.line(line)))
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


def _colon_in_text(lost: Lost) -> Slip | None:
    if "mapping values are not allowed" not in lost.says:
        return None
    found = _TEXT.fullmatch(lost.text)
    if found and found.start("text") < lost.column - 1 and found["text"][0] not in "\"'":
        span = Span(lost.line, found.start("text") + 1, len(found["text"].rstrip()))
        message = "this text holds a colon, so that YAML takes it for a key"
        return Slip(span, message, f'put it in quotes: `{found["key"]}: "…"`')
    above = lost.source.line(lost.above)
    start, own = _key_column(above), _key_column(lost.text)
    if lost.above and own > start:
        message = "this line is indented further than the one above, which has its value already"
        step = f"begin it in column {start}, like {_word(above)} in line {lost.above}"
        return Slip(Span(lost.line, own, _width(lost.text, own)), message, step)
    return None


def _indent(lost: Lost) -> Slip | None:
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
    like = "the dash" if is_item else _word(lost.source.line(line))
    message = "this line does not begin where another one above begins"
    step = f"begin it in column {column}, like {like} in line {line}"
    return Slip(Span(lost.line, lost.column, _width(lost.text, lost.column)), message, step)


def _open_columns(lost: Lost) -> Iterator[tuple[int, int, bool]]:
    """Where lines above begin that this one may belong to: column, line, and whether it is a dash."""
    least = 10_000
    for number in range(lost.line - 1, max(lost.line - _FAR, 0), -1):
        line = lost.source.line(number)
        if not _says_something(line):
            continue
        lead = len(line) - len(line.lstrip()) + 1
        if lead <= least and line.lstrip().startswith("- "):
            yield _key_column(line), number, False
            yield lead, number, True
        elif lead < least:
            yield lead, number, False
        least = min(least, lead)


def _strange_start(lost: Lost) -> Slip | None:
    character = lost.text[lost.column - 1 : lost.column]
    if "cannot start any token" in lost.says and character:
        text = lost.text[lost.column - 1 :].rstrip()
        return Slip(
            Span(lost.line, lost.column, len(text)), f"a text cannot begin with {character}", "put it in quotes"
        )
    return None


def _one_line(lost: Lost) -> Slip | None:
    """What stands behind its key and belongs below it, or a comma with nothing before it."""
    character, span = lost.text[lost.column - 1 : lost.column], Span(lost.line, lost.column)
    if "block sequence entries are not allowed" in lost.says and character == "-":
        return Slip(span, "a list begins below its key, not behind it", "begin the entry on a line of its own")
    if "scanning a block scalar" in lost.says and (sign := re.search(r"[|>]\S*\s+(?=\S)", lost.text)):
        message = f"a text that begins with {sign[0][0]} stands on the lines below"
        return Slip(Span(lost.line, sign.start() + 1), message, "put the text in quotes, or on a line of its own")
    if "expected node content" in lost.says and character == ",":
        return Slip(span, "there is nothing before this comma", "delete it, or write what is missing")
    return None


def _brackets(lost: Lost) -> Slip | None:
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
    if word := re.search(rf"({_KEY})\s*$", before):
        start, message = word.start(1), f"there is no comma before {quoted(word[1])}"
        if re.search(r"\w\s+$", before[:start]) and found == ":":
            return Slip(Span(lost.line, start + 1, len(word[1])), message, f"write `, {word[1]}: …`")
    message = "there is no comma before this" if found not in "{[" else "a bracket cannot open here"
    return Slip(
        Span(lost.line, lost.column), message, "separate values with commas, and put texts with signs in quotes"
    )


def _unclosed(lost: Lost) -> Slip | None:
    text = _without_comment(_QUOTED.sub(lambda quote: "x" * len(quote[0]), lost.source.line(lost.began)))
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


def _after_the_end(lost: Lost) -> Slip | None:
    before, rest = lost.text[: lost.column - 1].rstrip(), lost.text[lost.column - 1 :].rstrip()
    if not before or not rest or before[-1] not in "}]\"'":
        return None
    span = Span(lost.line, lost.column, len(rest))
    if rest[0] in "}]":
        return Slip(span, f"there is one {rest[0]} too many", "delete it")
    what = "quote" if before[-1] in "\"'" else "bracket"
    found = _TEXT.fullmatch(lost.text) or re.fullmatch(rf"\s*(?:- +)?(?P<key>{_KEY}):\s+(?P<text>.*)", lost.text)
    quote = "'" if before[-1] == '"' else '"'
    text = f"{quote}…{quote}"
    step = f"put the whole text in quotes: `{found['key']}: {text}`" if found else f"write the whole text as {text}"
    return Slip(span, f"nothing can follow the {what} that ends a value", step)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _without_comment(line: str) -> str:
    return re.sub(r"(?:^|\s)#.*", lambda found: " " * len(found[0]), line)


def _key_column(line: str) -> int:
    found = re.match(r"\s*(?:- +)*", line)
    return (found.end() if found else 0) + 1


def _word(line: str) -> str:
    found = re.match(rf"\s*(?:- +)*({_KEY})", line)
    return quoted(found[1]) if found else "the one"


def _width(line: str, column: int) -> int:
    found = re.match(r"[\w-]+", line[column - 1 :])
    return len(found[0]) if found else 1


# The order counts: the first ones look for a sign that is never right, the last ones guess.
_LOOKS: tuple[Callable[[Lost], Slip | None], ...] = (
    *(_other_space, _fence, _other_dash, _no_space_after_dash, _compares),
    *(_no_space_after_colon, _no_colon, _open_quote, _colon_in_text),
    *(_one_line, _brackets, _after_the_end, _indent, _strange_start),
)
