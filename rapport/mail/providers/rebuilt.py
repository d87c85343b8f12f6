"""A mail written anew from the parts that a provider took it apart into, the same bytes every time."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

# A header of RFC 5322; whatever else a provider hands over as one is none.
_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]{1,200}")
_TYPE = re.compile(r"[a-z0-9.+-]{1,100}/[a-z0-9.+-]{1,100}")
_REPORT = re.compile(r"\s*multipart/report\b.{0,500}?report-type\s*=\s*\"?([a-z-]{1,40})", re.IGNORECASE | re.DOTALL)
# What described the body that the provider has decoded.
_OF_THE_BODY = frozenset({"content-type", "content-transfer-encoding", "content-length", "mime-version"})
_MOST_FILES = 100
# Attached mails and reports are read for what is in them, so that they stay as they are.
_READ = ("message/", "text/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One attachment, decoded."""

    name: str = field(repr=False)
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a provider tells of a mail: its headers in order, its words and its attachments."""

    headers: Sequence[tuple[str, str]] = field(repr=False)
    text: str = field(default="", repr=False)
    page: str = field(default="", repr=False)
    attached: Sequence[Attached] = ()


def with_envelope(raw: bytes, *, sender: str | None, recipients: Sequence[str]) -> bytes:
    """Write before a mail what its envelope said, as a mail server does that puts it into a mailbox.

    An empty sender is that of bounces; None is not known.
    """
    known = () if sender is None else (("Return-Path", f"<{sender.strip().strip('<>')}>"),)
    return b"".join(_lines([*known, *(("X-Original-To", one) for one in recipients if one)])) + raw


def rebuilt(letter: Letter) -> bytes:
    """Write the mail: the parts that a person reads, then what is attached, in a report where it was one."""
    told = [(name, value) for name, value in letter.headers if _NAME.fullmatch(name)]
    kept = [(name, value) for name, value in told if name.lower() not in _OF_THE_BODY]
    parts = list(_parts(letter))
    # Made of the content, so that no content can hold it by chance.
    boundary = f"=_{hashlib.sha256(b''.join(parts)).hexdigest()[:32]}"
    kind = f'{_container(told)}; boundary="{boundary}"'
    return b"".join(
        [
            *_lines([*kept, ("MIME-Version", "1.0"), ("Content-Type", kind)]),
            b"\r\n",
            *(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def _container(headers: Iterable[tuple[str, str]]) -> str:
    """A report says in its type what it reports."""
    found = (_REPORT.match(value) for name, value in headers if name.lower() == "content-type")
    report = next((match[1].lower() for match in found if match), None)
    return f"multipart/report; report-type={report}" if report else "multipart/mixed"


def _parts(letter: Letter) -> Iterator[bytes]:
    if letter.text or not letter.page:
        yield _part("text/plain; charset=utf-8", "8bit", letter.text.encode("utf-8", "replace"))
    if letter.page:
        yield _part("text/html; charset=utf-8", "8bit", letter.page.encode("utf-8", "replace"))
    for one in letter.attached[:_MOST_FILES]:
        kind = one.kind.lower() if _TYPE.fullmatch(one.kind.lower()) else "application/octet-stream"
        named = _quoted(one.name) or "attachment"
        if kind == "text/calendar" and b"METHOD:REPLY" in one.content:
            kind += "; method=REPLY"  # an answer to an invitation is known by it
        if kind.startswith(_READ):
            yield _part(kind, "8bit", one.content, named if kind.startswith("text/") else "")
        else:
            yield _part(kind, "base64", base64.encodebytes(one.content).replace(b"\n", b"\r\n"), named)


def _part(kind: str, encoding: str, content: bytes, name: str = "") -> bytes:
    attached = [("Content-Disposition", f'attachment; filename="{name}"')] if name else []
    head = [("Content-Type", kind), ("Content-Transfer-Encoding", encoding), *attached]
    return b"".join([*_lines(head), b"\r\n", content])


def _quoted(name: str) -> str:
    return re.sub(r'[\x00-\x1f"\\\x7f]', "_", name)[:200]


def _lines(headers: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """One line each: a value can never begin another header."""
    for name, value in headers:
        yield f"{name}: {' '.join(value.split())}\r\n".encode("utf-8", "replace").replace(b"\0", b"")
