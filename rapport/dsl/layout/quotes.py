"""How a value is spelled: without quotes wherever it reads the same without them."""

import json
import re

from rapport.dsl.layout.written import Scalar

# A sign that means something to YAML where a value begins; a hyphen only before a space.
_BEGINS = re.compile(r"[\s?:,\[\]{}#&*!|>'\"%@`]|-(?![0-9A-Za-z])|\.\.\.")
_INSIDE = re.compile(r":\s|:$|\s#|\s$|\{\{|\}\}|[\t\n]")
_IN_BRACKETS = re.compile(r"[,\[\]{}]")
# What the loader, or an editor by YAML 1.2, takes for a number, a truth value or nothing.
_NUMBER = re.compile(
    r"[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?|0o[0-7]+|0x[\da-f]+|[-+]?\.inf|\.nan", re.ASCII | re.IGNORECASE
)
_OUR_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS = {
    "~": "null",
    **{spelling: word for word in ("null", "true", "false") for spelling in (word, word.title(), word.upper())},
}
# To us it is text; older YAML reads 09:30 as text and 10:30 as 630, so that people quote both, and we do.
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_BLOCK_SIGNS = ("|", ">")
_INVISIBLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def spelled(scalar: Scalar, *, in_brackets: bool) -> str:
    """A value as one line of text."""
    if not scalar.style and not scalar.text:
        return "null" if in_brackets else ""
    if not scalar.style and (scalar.text in _WORDS or _OUR_NUMBER.fullmatch(scalar.text)):
        return _WORDS.get(scalar.text, scalar.text)
    return _plain(scalar.text, in_brackets=in_brackets, as_key=False) or in_quotes(scalar.text)


def spelled_key(key: Scalar, *, in_brackets: bool) -> str:
    """A key as one line of text; a key is always a word, also `no` and `1`."""
    return _plain(key.text, in_brackets=in_brackets, as_key=True) or in_quotes(key.text)


def as_block(scalar: Scalar) -> tuple[str, list[str]] | None:
    """A text of several lines as its sign (`|` or `|-`) and its lines; None when only quotes can hold it."""
    text = scalar.text.removesuffix("\n")
    lines = text.split("\n")
    fits = scalar.style in _BLOCK_SIGNS and "\n" in scalar.text and lines[0].strip() and lines[-1].strip()
    if not fits or lines[0][0] == " " or any(line != line.rstrip() or not _is_visible(line) for line in lines):
        return None
    return "|" if scalar.text.endswith("\n") else "|-", lines


def _plain(text: str, *, in_brackets: bool, as_key: bool) -> str | None:
    """The text itself where it needs no quotes."""
    if not text or _BEGINS.match(text) or _INSIDE.search(text) or not _is_visible(text) or text.startswith("---"):
        return None
    if in_brackets and _IN_BRACKETS.search(text):
        return None
    if not as_key and (text in _WORDS or _NUMBER.fullmatch(text) or _TIME.fullmatch(text)):
        return None
    return text


def in_quotes(text: str) -> str:
    """A text in quotes: single ones where double ones would need many backslashes."""
    if _is_visible(text) and ('"' in text or "\\" in text) and "\n" not in text:
        return "'" + text.replace("'", "''") + "'"
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04X}", json.dumps(text, ensure_ascii=False))


def _is_visible(text: str) -> bool:
    return not _INVISIBLE.search(text) and all(char >= " " for char in text)
