"""A mail's Markdown as HTML and as text, with every link in it collected and led through our own address."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rapport.errors import BadInput
from rapport.mail.merge import Merge, Named, Said

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TAGS = frozenset(
    ("a", "blockquote", "br", "code", "em", *_HEADINGS, "hr", "img", "li", "ol", "p", "pre", "strong", "ul")
)
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Bounded on purpose: the time stays linear in the length of the text.
_INLINE_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,500})\]\(<?([^()<>\s]{1,2000})>?(?: \"[^\"\n]{0,200}\")?\)")
_AUTOLINK = re.compile(r"<((?:https?|mailto|tel):[^<>\s]{1,2000})>")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a mail: its number in the mail, the name that steps know it by, and where it leads."""

    number: int
    name: str | None
    url: str


@dataclass(slots=True)
class Links:
    """The links of one mail in the order in which they occur; the same name and address are one link."""

    merge: Merge
    wrap: Callable[[int], str]
    found: dict[tuple[str | None, str], Link] = field(default_factory=dict)

    def lead(self, href: str) -> str:
        """Give the address to write for the author's address; only pages are led through ours."""
        return self.keep(self.resolve(href))

    def keep(self, link: Named) -> str:
        """Collect a link and give its address; what is neither a page, a mail address nor an anchor leads nowhere."""
        scheme = _scheme(link.url)
        if scheme in {"http", "https"} and urlsplit(link.url).hostname:
            key = (link.name or None, link.url)
            kept = self.found.setdefault(key, Link(len(self.found) + 1, *key))
            return self.wrap(kept.number)
        return link.url if scheme in {"mailto", "tel"} or link.url.startswith("#") else "#"

    def resolve(self, href: str) -> Named:
        """Fill in an address; BadInput when a field of a person would decide where it leads."""
        whole = self.merge.pattern.fullmatch(href)
        if whole is None:
            self._check_host(href)
            return Named("", self.merge.quoted(href))
        value = self.merge.values[int(whole[1])]
        if isinstance(value, Said) and not value.ours:
            raise _not_an_address(value.path)
        return Named("", str(value.value)) if isinstance(value, Said) else value

    def _check_host(self, href: str) -> None:
        host = re.match(r"[^/?#]*(?://[^/?#]*)?", href)
        if host and self.merge.pattern.search(host[0]) and not href.startswith("#"):
            raise _not_an_address("a field")


def to_html(source: str, merge: Merge, links: Links) -> str:
    """Turn Markdown into clean HTML; merge values are escaped text and nothing else."""
    tokens = _MARKDOWN.parse(source)
    _lead(tokens, links)
    rendered = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return nh3.clean(
        merge.escaped(rendered, links.keep),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel=None,
    )


def to_text(source: str, merge: Merge, links: Links) -> str:
    """Turn Markdown into the text part: the author's own text, with links as `text (address)`."""
    marked = _INLINE_LINK.sub(lambda match: f"{match[1]} ({links.lead(match[2])})", source)
    marked = _AUTOLINK.sub(lambda match: links.lead(match[1]), marked)
    marked = re.sub(r"!\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)", r"\1", marked)
    return merge.fill(marked, lambda kept: links.keep(kept) if isinstance(kept, Named) else str(kept.value)).strip()


def _lead(tokens: list[Token], links: Links) -> None:
    for token in tokens:
        for name in {"href", "src"} & token.attrs.keys():
            address = str(token.attrs[name])
            token.attrs[name] = links.lead(address) if name == "href" else _picture(address, links)
        _lead(token.children or [], links)


def _picture(address: str, links: Links) -> str:
    """Pictures stay where they are, but no field of a person may say where that is."""
    url = links.resolve(address).url
    return url if _scheme(url) in {"http", "https"} else ""


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _not_an_address(path: str) -> BadInput:
    return BadInput(
        place="link",
        message=f"{path} would decide where a link leads",
        hint="Write the address out; fields may stand behind the host, as in https://acme.example/?ref={{ … }}.",
    )
