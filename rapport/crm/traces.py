"""The traces that a text leaves in bytes: as mails, links, files and databases write it."""

import base64
import html
import json
import quopri
from collections.abc import Collection, Iterator
from urllib.parse import quote

# Base64 packs three bytes into four letters: a text looks different at each of three places.
_PLACES = 3


def forms_of(text: str) -> frozenset[bytes]:
    """Every form in which a text may stand in bytes; plain ones in small letters, as `leaves_trace` compares them."""
    return frozenset(form for spelled in {text, text.lower()} for form in _forms(spelled) if form)


def leaves_trace(raw: bytes, texts: Collection[str]) -> bool:
    """Whether any of these texts stands in the bytes, in whatever form and case."""
    lowered = raw.lower()
    return any(form in lowered or form in raw for text in texts for form in forms_of(text))


def _forms(text: str) -> Iterator[bytes]:
    plain = text.encode()
    yield plain.lower()
    yield quote(text, safe="").encode().lower()
    yield json.dumps(text)[1:-1].encode().lower()
    yield html.escape(text).encode().lower()
    yield text.encode("unicode_escape").lower()
    yield text.encode("utf-16-le").lower()
    yield text.encode("utf-16-be").lower()
    # Older mail programs write the letters of Western Europe in one byte each.
    for bytes_of in {plain, text.encode("cp1252", "ignore")} if _is_western(text) else {plain}:
        yield bytes_of.lower()
        yield quopri.encodestring(bytes_of).lower()
        yield quopri.encodestring(bytes_of, header=True).lower()
        yield from (_inner_base64(bytes_of, place) for place in range(_PLACES))


def _is_western(text: str) -> bool:
    return text.encode("cp1252", "ignore").decode("cp1252") == text


def _inner_base64(plain: bytes, place: int) -> bytes:
    """The letters that stand for these bytes alone, when they begin at a place of a group of three."""
    packed = base64.b64encode(b"\0" * place + plain).rstrip(b"=")
    # Letters at both ends mix our bytes with the neighbors'.
    begins = (place * 8 + 5) // 6
    whole = (place + len(plain)) * 8 // 6
    return packed[begins:whole]
