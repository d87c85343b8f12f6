"""Mails that went wrong on their way: real ones, cut, mixed and spoiled in every way that hypothesis thinks of."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from tests.unit.mail.answers import CORPUS

_LETTERS = Path(__file__).parent / "letters"
_LARGEST = 200_000
_SPLINTERS = [
    *(b"\x00", b"\xff\xfe", b"\r", b"\n\n", b"\r\n\r\n", b"--b\r\n", b"<", b">", b"<>", b'"', b"(", b"\\", b";", b"="),
    *(b"=?utf-8?b?", b"=?x?q?=ff?=", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"> ", b"On Mon wrote:", b"&#x110000;"),
    *(b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n", b"Status: 5.1.1\r\n"),
    *(b"Content-Type: message/delivery-status\r\n", b"Content-Transfer-Encoding: base64\r\n", b"boundary=\r\n"),
    *(b"Content-Type: text/plain; charset=utf-7\r\n", b"charset*0*=%ff''x", b"Date: Mon, 99 Foo 99999 99:99\r\n"),
    *(
        b"From: a,b,,<\r\n",
        b"Message-ID: <[bad@x>\r\n",
        b"Subject: \r\n\t\r\n",
        b"until 99.99.9999",
        b"back on 30 February",
    ),
    *(b"r+AAAAAAAAAAAAAAAAAAAAAAAAAAAA@x", b"References: " + b"<a@b> " * 300 + b"\r\n", b"<blockquote " * 40),
    *(b"\xe2\x80\xa8", b"=\r\n=\r\n", b"begin 644 x\r\n", b"X-Failed-Recipients: \r\n", b"a" * 5_000, b"- " * 2_000),
]


@cache
def sources() -> list[bytes]:
    """Our letters, and the corpus of real mails where it is here."""
    folders = [_LETTERS, *([CORPUS] if CORPUS.is_dir() else [])]
    return [path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.eml"))]


@st.composite
def spoiled_mails(draw: st.DrawFn) -> bytes:
    """One mail after one to six accidents."""
    raw = draw(st.sampled_from(sources()))
    for _ in range(draw(st.integers(1, 6))):
        raw = _spoiled(draw, raw)[:_LARGEST]
    return raw


def _spoiled(draw: st.DrawFn, raw: bytes) -> bytes:
    start, end = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
    other = draw(st.sampled_from(sources()))
    ways: dict[str, bytes] = {
        "cut": raw[:start] + raw[end:],
        "twice": raw[:end] + raw[start:],
        "insert": raw[:start] + draw(st.sampled_from(_SPLINTERS)) + raw[start:],
        "flip": raw[:start] + bytes([draw(st.integers(0, 255))]) + raw[start + 1 :],
        "graft": raw[:start] + other[len(other) * start // (len(raw) + 1) :],
        "head": draw(st.sampled_from(_SPLINTERS)) + b"\r\n" + raw,
        "lines": raw.replace(b"\r\n", b"\n") if b"\r\n" in raw else raw.replace(b"\n", b"\r"),
        "noise": raw[:start] + draw(st.binary(max_size=60)) + raw[end:],
    }
    return ways[draw(st.sampled_from(sorted(ways)))]
