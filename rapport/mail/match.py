"""To which of our mails an incoming one belongs: by token where one came back, else by ids in order of trust."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

from rapport.mail.parsed import ParsedMail
from rapport.mail.tokens import Signer, Token

MatchedBy: TypeAlias = Literal["token", "in_reply_to", "references", "quoted"]

_ADDRESSED = re.compile(r"(?<![A-Za-z0-9_-])[rbu]\+([A-Za-z0-9_-]{28})@")
_LED = re.compile(r"/[cou]/([A-Za-z0-9_-]{28})(?![A-Za-z0-9_-])|(?<![A-Za-z0-9_-])[rbu](?:\+|%2B)([A-Za-z0-9_-]{28})@")
_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_ID_LINE = re.compile(
    r"^[> \t]{0,20}(?:x-)?(?:original-)?(?:message-id|in-reply-to|references):[ \t]{0,20}(.{0,900})$",
    re.IGNORECASE | re.MULTILINE,
)
_SENT = re.compile(r"^[> \t]{0,20}x-rapport-send:[ \t]{0,20}([A-Za-z0-9_-]{28})\s*$", re.IGNORECASE | re.MULTILINE)
_MOST_IDS = 50
_MOST_TOKENS = 20
_LOOKED_AT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A token that we made, and Message-IDs in the order in which to look for them."""

    token: Token | None
    matched_by: MatchedBy | None
    message_ids: tuple[str, ...]


def match(mail: ParsedMail, envelope_to: str | None, signer: Signer) -> Match:
    """Find what tells to which mail this one belongs."""
    token = _addressed(mail, envelope_to, signer)
    answered = _ids(mail.header("In-Reply-To"))
    referred = _ids(mail.header("References"))[::-1]
    quoted_token, quoted = _quoted(mail, signer)
    ids = tuple(dict.fromkeys([*answered, *referred, *quoted]))[:_MOST_IDS]
    ways: tuple[tuple[object, MatchedBy], ...] = (
        (token, "token"),
        (answered, "in_reply_to"),
        (referred, "references"),
        (quoted_token or quoted, "quoted"),
    )
    matched_by = next((how for found, how in ways if found), None)
    return Match(token=token or quoted_token, matched_by=matched_by, message_ids=ids)


def _addressed(mail: ParsedMail, envelope_to: str | None, signer: Signer) -> Token | None:
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    places = [envelope_to or "", *(value for name in names for value in mail.headers(name))]
    return _first((match[1] for place in places for match in _ADDRESSED.finditer(place)), signer)


def _quoted(mail: ParsedMail, signer: Signer) -> tuple[Token | None, list[str]]:
    """Look into returned mails, delivery reports and quoted text."""
    texts = [text[:_LOOKED_AT] for text in mail.enclosed]
    ids = [found for text in texts for line in _ID_LINE.findall(text) for found in _ids(line)]
    sent = (found for text in texts for found in _SENT.findall(text))
    led = (match[1] or match[2] for text in texts for match in _LED.finditer(text))
    return _first(sent, signer) or _first(led, signer), ids


def _first(candidates: Iterable[str], signer: Signer) -> Token | None:
    read = (signer.read(text) for text in islice(candidates, _MOST_TOKENS))
    return next((token for token in read if token is not None), None)


def _ids(text: str) -> list[str]:
    return _ID.findall(text)
