"""A mail of two parts as bytes: text first, HTML last, both quoted-printable, with a boundary that never changes."""

import binascii
from collections.abc import Iterable

from rapport.mail.headers import write_headers


def write_mail(headers: Iterable[tuple[str, str]], *, text: str, html: str, boundary: str) -> bytes:
    """Write the whole mail; the same arguments give the same bytes.

    `boundary` is a token; `=_` in front of it can never occur in quoted-printable text.
    """
    marker = f"=_{boundary}"
    top = [*headers, ("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative; boundary="{marker}"')]
    line = f"--{marker}\r\n".encode()
    parts = b"".join(line + _part(kind, body) for kind, body in (("plain", text), ("html", html)))
    return write_headers(top) + b"\r\n" + parts + f"--{marker}--\r\n".encode()


def _part(kind: str, body: str) -> bytes:
    headers = write_headers(
        [("Content-Type", f'text/{kind}; charset="utf-8"'), ("Content-Transfer-Encoding", "quoted-printable")]
    )
    lines = body.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    encoded = b"\n".join(binascii.b2a_qp(line.encode("utf-8", "replace")) for line in lines)
    return headers + b"\r\n" + encoded.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
