"""A mail as its recipient sees it, and what they can do with it."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from rapport.mail.parsed import ParsedMail, own_parts

_WEB_ADDRESS = re.compile(r"<(https?://[^<>\s]+)>")
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of the mail, by what it says."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail, taken apart; `pictures` are what a mail program would load."""

    sender: str
    to: str
    reply_to: str
    subject: str
    date: str
    message_id: str
    references: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    anchors: tuple[Anchor, ...]
    pictures: tuple[str, ...]
    unsubscribe_url: str | None

    @classmethod
    def of(cls, raw: bytes) -> "Letter":
        """Take a mail apart; nothing in it can raise."""
        mail = ParsedMail.of(raw)
        html = _part(mail, "text/html")
        found = _Finder()
        found.feed(html)
        leave = _WEB_ADDRESS.search(mail.header("List-Unsubscribe"))
        return cls(
            sender=mail.header("From"),
            to=mail.header("To"),
            reply_to=mail.address("Reply-To") or mail.address("From"),
            subject=mail.header("Subject"),
            date=mail.header("Date"),
            message_id=mail.header("Message-ID"),
            references=mail.header("References"),
            html=html,
            text=_part(mail, "text/plain"),
            headers=tuple((name, " ".join(str(value).split())) for name, value in mail.message.items()),
            anchors=tuple(found.anchors),
            pictures=tuple(found.pictures),
            unsubscribe_url=leave[1] if leave else None,
        )


def _part(mail: ParsedMail, kind: str) -> str:
    return next((mail.text_of(part) for part in own_parts(mail.message) if part.get_content_type() == kind), "")


class _Finder(HTMLParser):
    """Collects links and pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[Anchor] = []
        self.pictures: list[str] = []
        self._url: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: unescape(value or "") for name, value in attrs}
        if tag == "a" and known.get("href", "").startswith(("http://", "https://")):
            self._url, self._words = known["href"], []
        if tag == "img" and known.get("src", "").startswith(("http://", "https://")):
            self.pictures.append(known["src"])

    def handle_data(self, data: str) -> None:
        if self._url is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._url is not None:
            label = " ".join("".join(self._words).split())[:_LONGEST_LABEL]
            self.anchors.append(Anchor(label or self._url, self._url))
            self._url = None
