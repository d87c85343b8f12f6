"""An incoming mail taken apart so that nothing in it can raise: broken headers, charsets and structures included."""

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from functools import cached_property

import nh3

LARGEST_TEXT = 64 * 1024  # bytes of text that are looked at; a reply of twenty pages
LARGEST_MAIL = 10_000_000
_LONGEST_HEADER = 4_000
_MOST_PARTS = 100
_LARGEST_HEAD = 256 * 1024
_DEEPEST = 20
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_QUOTE = re.compile(r"<(?:blockquote|div[^<>]{0,200}(?:gmail_quote|divRplyFwdMsg))", re.IGNORECASE)
_UNSEEN = {"script", "style", "title"}
QUOTE_MARK = "-----Original Message-----"


@dataclass(frozen=True)
class ParsedMail:
    """A mail or an attached mail."""

    message: Message

    @classmethod
    def of(cls, raw: bytes) -> "ParsedMail":
        """Take the bytes apart; what is cut off is beyond the largest mail that we take."""
        # The modern policies raise on broken Message-ID, From and charsets; this one never does.
        raw = _with_short_head(raw[:LARGEST_MAIL].lstrip())
        try:
            return cls(message_from_bytes(raw, policy=policy.compat32))
        except RecursionError:  # a thousand parts, each within the other: its headers are all that we want of it
            return cls(BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:LARGEST_TEXT]))

    def header(self, name: str) -> str:
        """Give a header as one decoded line; empty when it is missing."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """Give every header of this name, decoded."""
        wanted = name.lower()
        return [_decoded(_as_sent(value)) for given, value in self.message.raw_items() if given.lower() == wanted]

    def address(self, name: str) -> str:
        """Give the first address of a header, in lower case; empty when there is none."""
        found = getaddresses([self.header(name)])
        return found[0][1].strip().lower() if found else ""

    @cached_property
    def parts(self) -> list[Message]:
        """Every part that is no container, down to a hundred; attached mails are parts, too."""
        return list(_parts(self.message))

    @cached_property
    def outer(self) -> list[Message]:
        """The same without the parts of attached mails: what somebody forwards is no word of the mail itself."""
        return list(_parts(self.message, into_mails=False))

    def text_of(self, part: Message) -> str:
        """Read a part as text, whatever it says about its charset."""
        payload = part.get_payload(decode=True)
        raw = payload[:LARGEST_TEXT] if isinstance(payload, bytes) else b""
        try:
            text = raw.decode(str(part.get_content_charset() or "utf-8"))
        except (LookupError, ValueError):
            text = raw.decode("utf-8", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")

    @cached_property
    def enclosed(self) -> list[str]:
        """Give every text in the mail, and the headers of mails and reports inside of it."""
        texts = []
        for part in self.parts:
            children = _children(part)
            heads = ("\n".join(f"{name}: {value}" for name, value in child.items()) for child in children)
            texts += [head.replace("\0", "") for head in heads]
            if not children:
                texts.append(self.text_of(part))
        return texts

    @cached_property
    def text(self) -> str:
        """Give what a person reads: the first text part, else the first HTML part without its markup."""
        own = [part for part in own_parts(self.message) if part.get_filename() is None]
        for part in own:
            # Content of a multipart without a readable boundary is text, too.
            if (
                part.get_content_type() != "text/html"
                and part.get_content_maintype() in {"text", "multipart"}
                and (text := self.text_of(part)).strip()
            ):
                return text
        page = next((part for part in own if part.get_content_type() == "text/html"), None)
        return "" if page is None else _without_markup(self.text_of(page))


def _with_short_head(raw: bytes) -> bytes:
    """Cut off headers beyond 256 kB: parsing a megabyte of them takes a second."""
    ends = [end for mark in (b"\r\n\r\n", b"\n\n") if (end := raw.find(mark)) >= 0]
    return raw if ends and min(ends) <= _LARGEST_HEAD else raw[:_LARGEST_HEAD]


def _is_text(part: Message) -> bool:
    """Tell whether a part is plain text; content of a multipart without a readable boundary is, too."""
    return part.get_content_maintype() in {"text", "multipart"} and part.get_content_type() != "text/html"


def own_parts(message: Message, *, depth: int = 0) -> Iterator[Message]:
    """Walk the parts of the mail itself, not of mails attached to it."""
    if message.get_content_maintype() == "message" or depth > _DEEPEST:
        return
    if message.is_multipart():
        for part in _children(message):
            yield from own_parts(part, depth=depth + 1)
    else:
        yield message


def _parts(message: Message, *, into_mails: bool = True) -> Iterator[Message]:
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if not (part.is_multipart() and part.get_content_maintype() == "multipart"):
            yield part
        if into_mails or part is message or part.get_content_type() != "message/rfc822":
            waiting.extend(_children(part))


def _children(message: Message) -> list[Message]:
    """Give the parts of a container; asking for the payload of anything else can raise."""
    if not message.is_multipart():
        return []
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)][:_MOST_PARTS] if isinstance(payload, list) else []


def _as_sent(value: object) -> str:
    """Read letters that were sent as they are, without encoded words, as most programs do by now."""
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> str:
    value = value[:_LONGEST_HEADER]
    with suppress(LookupError, ValueError):
        value = str(make_header(decode_header(value)))
    return " ".join(value.encode("utf-8", "replace").decode().replace("\0", "").split())


def _without_markup(page: str) -> str:
    page = _QUOTE.sub(lambda match: f"<br>{QUOTE_MARK}<br>{match[0]}", page, count=1)
    return html.unescape(nh3.clean(_LINE_BREAK.sub("\n", page), tags=set(), clean_content_tags=_UNSEEN))
