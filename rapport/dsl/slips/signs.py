"""Looks for signs: spaces, dashes, colons and others that stand where YAML takes none of their kind."""

import re

from rapport.dsl.problem import Span
from rapport.dsl.slips.lost import KEY, QUOTED, TEXT, Lost, Slip
from rapport.dsl.wording import quoted

_NO_SPACE = re.compile(r"(?P<lead>\s*(?:- +)?)(?P<key>[a-z_]+):(?!//)(?P<value>[^\s:,}\]].*)")
_NO_COLON = re.compile(r"(?P<lead>\s*(?:- +)?)(?P<key>[a-z_]+)(?: +(?P<value>[^:]*))?")
_NO_SPACE_AFTER_DASH = re.compile(rf"(?P<lead>\s*)-(?P<key>{KEY}):")
_OTHER_DASH = re.compile("(?P<lead>\\s*)(?P<dash>[\u2010-\u2015\u2212\u2022\u00b7*])\\s")
_OTHER_SPACE = re.compile("[\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000]")
_COMPARES = re.compile(r"[:{,]\s*(?P<sign>>=?(?=\s*\d)|==|!=|=)\s*(?P<value>[\w.-]+)")
_SIGNS = {">=": "at_least", ">": "above", "!=": "is_not"}


def other_space(lost: Lost) -> Slip | None:
    """A space that web pages have and YAML does not know."""
    for line in lost.suspects:
        if found := _OTHER_SPACE.search(QUOTED.sub(lambda text: "x" * len(text[0]), lost.source.line(line))):
            message = f"this is not an ordinary space but U+{ord(found[0]):04X}, as web pages have it"
            return Slip(Span(line, found.start() + 1), message, "delete it, and type a space if one belongs here")
    return None


def fence(lost: Lost) -> Slip | None:
    """The fence of a code block, copied along with what it held."""
    if lost.text.lstrip().startswith("```"):
        return Slip(
            Span(lost.line, lost.column, 3), "``` is Markdown; this file is YAML from end to end", "delete the line"
        )
    return None


def other_dash(lost: Lost) -> Slip | None:
    """A longer dash, a bullet or a star where a step begins."""
    for line in (lost.line, lost.above):
        if found := _OTHER_DASH.match(lost.source.line(line)):
            message = f"{quoted(found['dash'])} does not begin a step"
            return Slip(Span(line, found.start("dash") + 1), message, "write a hyphen and a space: `- `")
    return None


def no_space_after_dash(lost: Lost) -> Slip | None:
    """A dash that touches its key."""
    for line in lost.suspects:
        if found := _NO_SPACE_AFTER_DASH.match(lost.source.line(line)):
            step = f"write `- {found['key']}: …`"
            return Slip(Span(line, found.end("lead") + 1), "there is no space after the dash", step)
    return None


def no_space_after_colon(lost: Lost) -> Slip | None:
    """A colon that touches its value."""
    for line in lost.suspects:
        if found := _NO_SPACE.fullmatch(lost.source.line(line)):
            message, step = f'there is no space after the colon of "{found["key"]}"', f"write `{found['key']}: …`"
            return Slip(Span(line, found.start("key") + 1, len(found["key"]) + 1), message, step)
    return None


def no_colon(lost: Lost) -> Slip | None:
    """A key without its colon."""
    if "expected ':'" not in lost.says:
        return None
    if found := _NO_COLON.fullmatch(lost.source.line(lost.began)):
        key, value = found["key"], " …" if found["value"] else ""
        span = Span(lost.began, found.start("key") + 1, len(key))
        return Slip(span, f'there is no colon after "{key}"', f"write `{key}:{value}`")
    return None


def colon_in_text(lost: Lost) -> Slip | None:
    """A colon inside a text, as in a title."""
    if "mapping values are not allowed" not in lost.says:
        return None
    found = TEXT.fullmatch(lost.text)
    if found and found.start("text") < lost.column - 1 and found["text"][0] not in "\"'":
        span = Span(lost.line, found.start("text") + 1, len(found["text"].rstrip()))
        message = "this text holds a colon, so that YAML takes it for a key"
        return Slip(span, message, f'put it in quotes: `{found["key"]}: "…"`')
    return None


def compares(lost: Lost) -> Slip | None:
    """A sign of comparison where the language has a word."""
    for line in (lost.line, lost.above):
        if found := _COMPARES.search(lost.source.line(line)):
            operator, value = _SIGNS.get(found["sign"]), found["value"]
            step = f"write `{{{operator}: {value}}}`" if operator else f"write only `{value}`"
            span = Span(line, found.start("sign") + 1, len(found["sign"]))
            return Slip(span, f"{quoted(found['sign'])} is a formula; conditions are said in words", step)
    return None


def strange_start(lost: Lost) -> Slip | None:
    """A text that begins with a sign of YAML's own."""
    character = lost.text[lost.column - 1 : lost.column]
    if "cannot start any token" in lost.says and character:
        text = lost.text[lost.column - 1 :].rstrip()
        return Slip(
            Span(lost.line, lost.column, len(text)), f"a text cannot begin with {character}", "put it in quotes"
        )
    return None


def one_line(lost: Lost) -> Slip | None:
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
