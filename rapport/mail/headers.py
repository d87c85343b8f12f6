"""Header lines exactly as they go over the wire, the same bytes on every Python.

The standard library is not used for writing: with its own line length it MIME-encodes List-Unsubscribe and
References, which breaks one-click unsubscribe and threading; with long lines it writes encoded words past the
75 characters that RFC 2047 allows.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable

from rapport.errors import BadInput

_LONGEST_LINE = 998  # RFC 5322, section 2.1.1
_LONGEST_NAME = 200  # nobody's is longer, and with every letter quoted it still fits the line
_LONGEST_CHUNK = 45  # bytes of UTF-8 that fit in an encoded word of 75 characters: 60 of base64 and 12 around
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """Make any text fit for one line: no control characters, single spaces, no tricks of writing direction."""
    kept = (" " if unicodedata.category(char) in _INVISIBLE else char for char in text if char not in _TURNS_TEXT)
    return " ".join("".join(kept).split())


def encode_text(text: str) -> str:
    """Write free text for a header: as it is when plain ASCII, else as encoded words of RFC 2047."""
    if text.isascii() and "=?" not in text and len(text) < _LONGEST_LINE // 2:
        return text
    words = (f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode()}?=" for chunk in _chunks(text))
    return "\r\n ".join(words)


def write_address(name: str | None, address: str) -> str:
    """Write `"Ada at Acme" <ada@mail.acme.com>`; the name can never end the quotes, and 200 letters of it are kept."""
    if not name:
        return address
    name = name[:_LONGEST_NAME]
    if not name.isascii() or "=?" in name:
        return f"{encode_text(name)} <{address}>"
    if _ATOMS.fullmatch(name):
        return f"{name} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def write_headers(headers: Iterable[tuple[str, str]]) -> bytes:
    """Write all header lines; BadInput for a value that would start a line of its own.

    Only encoded words are folded. Bytes above ASCII appear only in an address that needs SMTPUTF8.
    """
    return b"".join(_line(name, value) for name, value in headers)


def _line(name: str, value: str) -> bytes:
    unfolded = value.replace("?=\r\n =?", "?= =?")
    if not _NAME.fullmatch(name) or any(unicodedata.category(char) in _INVISIBLE for char in unfolded):
        raise BadInput(
            place=f"header {name!r}", message="the value holds a control character", hint="Clean it with one_line()."
        )
    line = f"{name}: {value}".encode()
    if any(len(part) > _LONGEST_LINE for part in line.split(b"\r\n")):
        raise BadInput(place=f"header {name!r}", message="the line is longer than 998 bytes", hint="Shorten the value.")
    return line + b"\r\n"


def _chunks(text: str) -> Iterable[str]:
    chunk, size = "", 0
    for char in text:
        width = len(char.encode())
        if size + width > _LONGEST_CHUNK:
            yield chunk
            chunk, size = "", 0
        chunk, size = chunk + char, size + width
    if chunk:
        yield chunk
