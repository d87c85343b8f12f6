"""A form as it came over the wire, in bytes: a raw mail within one has no charset that a decoder could guess."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import unquote_to_bytes

# A mail with attachments makes three fields for each, and twenty of its own.
_MOST_FIELDS = 500
_LARGEST_HEAD = 8_192
_BOUNDARY = re.compile(r"[\x20-\x7e]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a form, with the name and the type that its sender gives it."""

    name: str = field(repr=False)
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields by name, the first of each, and the files in order."""

    fields: Mapping[str, bytes] = field(repr=False)
    files: Sequence[File] = ()

    def text(self, name: str, charset: str = "utf-8") -> str:
        """A field as text, whatever its charset turns out to be; empty when it is missing."""
        raw = self.fields.get(name, b"")
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            return raw.decode("utf-8", "replace")

    def json(self, name: str) -> Any:
        """A field of JSON; None when it is missing or none, since the other fields tell the most."""
        try:
            return json.loads(self.fields.get(name, b"null"))
        except (ValueError, RecursionError):
            return None


def form_of(content_type: str, body: bytes) -> Form | None:
    """Take a form apart in linear time; None when the body is none. What is broken within it is left out."""
    kind = _parameters(f"Content-Type: {content_type[:_LARGEST_HEAD]}".encode("utf-8", "replace"))
    if kind.get_content_type() == "application/x-www-form-urlencoded":
        return _of_url(body)
    boundary = str(kind.get_boundary() or "")
    if kind.get_content_type() != "multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        return None
    return _collected(_parts(body, boundary.encode()))


def _of_url(body: bytes) -> Form:
    """The standard library reads such a form as text, which a raw mail is not."""
    pairs = (piece.partition(b"=")[::2] for piece in body.split(b"&", _MOST_FIELDS))
    fields: dict[str, bytes] = {}
    for name, value in pairs:
        fields.setdefault(_unquoted(name).decode("utf-8", "replace"), _unquoted(value))
    return Form(fields=fields)


def _unquoted(piece: bytes) -> bytes:
    return unquote_to_bytes(piece.replace(b"+", b" "))


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[Message, bytes]]:
    """The parts between the boundaries, as RFC 7578 writes them: each line break before one belongs to it."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, _MOST_FIELDS)
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return
        head, mark, content = piece.partition(b"\r\n\r\n")
        if mark and len(head) <= _LARGEST_HEAD:
            yield _parameters(head.lstrip()), content


def _collected(parts: Iterator[tuple[Message, bytes]]) -> Form:
    fields: dict[str, bytes] = {}
    files = []
    for head, content in parts:
        if head.get_param("filename", header="content-disposition") is None:
            fields.setdefault(_named(head, "name"), content)
        else:
            kind = head.get_content_type() if "content-type" in head else "application/octet-stream"
            files.append(File(name=_named(head, "filename"), kind=kind, content=content))
    return Form(fields=fields, files=tuple(files))


def _named(head: Message, what: str) -> str:
    value = head.get_param(what, "", header="content-disposition")
    text = value[2] if isinstance(value, tuple) else str(value or "")
    # Browsers and providers write names as they are, in UTF-8.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parameters(head: bytes) -> Message:
    return BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
