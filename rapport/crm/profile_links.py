"""One spelling of the link to a public profile, so that the same person is found however it was copied."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

# Of a path, the parts that name the person; () when it names nobody.
_Who: TypeAlias = Callable[[tuple[str, ...]], tuple[str, ...]]
_LONGEST: Final = 500  # a link that is longer is a search or a token, and no index of ours takes it
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# As nearly every link of a list is written; taking it apart would give the same, at ten times the cost.
_USUAL: Final = re.compile(r"https://(?:www\.)?linkedin\.com/in/([a-z0-9-]{1,100})/?")
# Two letters of a country, or the site for phones.
_SUBDOMAIN: Final = re.compile(r"(www|[a-z]{2}|m|mobile)\.(?=[^.]+\.)")


def profile_link(text: str) -> str | None:
    """The link to a person's page on a network we know, in its one spelling; None for everything else.

    Scheme, `www.`, a country's subdomain, case, a slash at the end, query, fragment, percent-encoding and language
    make no difference. A homepage or a company's page is no profile: many people may share it.
    """
    usual = _USUAL.fullmatch(text)
    return f"linkedin.com/in/{usual[1]}" if usual else _read(text.strip())


def _read(text: str) -> str | None:
    try:
        parts = urlsplit(text if _SCHEME.match(text) else f"https://{text.lstrip('/')}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https"):
        return None
    host = _SUBDOMAIN.sub("", host, count=1)
    host = _ALSO.get(host, host)
    read = _NETWORKS.get(host)
    who = read(_path(parts.path)) if read else ()
    link = "/".join((host, *who))
    return link if who and len(link) <= _LONGEST else None


def _path(path: str) -> tuple[str, ...]:
    plain = (unicodedata.normalize("NFC", unquote(part).strip()) for part in path.split("/"))
    return tuple(part for part in plain if part)


def _is_plain(part: str) -> bool:
    """A name that was hiding a slash or a control character is none."""
    return part.isprintable() and not set(part) & set("/?#%\\ ") and "\ufffd" not in part


def _linkedin(parts: tuple[str, ...]) -> tuple[str, ...]:
    match parts:
        case (word, name, *_) if word.lower() == "in" and _is_plain(name):
            return ("in", _small(name))
        case (word, *rest) if word.lower() == "pub" and rest and all(_is_plain(part) for part in rest[:4]):
            return ("pub", *(_small(part) for part in rest[:4]))
        case (word, kind, name, *_) if (word.lower(), kind.lower()) == ("talent", "profile") and _is_plain(name):
            return ("talent", "profile", name)  # an opaque number in which case counts
        case _:
            return ()


def _behind(*words: str) -> _Who:
    """Their name stands behind one of these words."""

    def who(parts: tuple[str, ...]) -> tuple[str, ...]:
        if len(parts) > 1 and parts[0].lower() in words and _is_plain(parts[1]):
            return (words[0], _small(parts[1]))
        return ()

    return who


def _first(*not_people: str) -> _Who:
    """Their name is all of the path; `not_people` are pages of the network itself."""

    def who(parts: tuple[str, ...]) -> tuple[str, ...]:
        if len(parts) != 1 or not _is_plain(parts[0]) or _small(parts[0]).removeprefix("@") in not_people:
            return ()
        name = _small(parts[0]).removeprefix("@")
        return (name,) if name else ()

    return who


def _small(name: str) -> str:
    # Twice: small letters of composed characters may be decomposed ones.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())


_PAGES: Final = ("about", "explore", "features", "home", "jobs", "login", "orgs", "search", "settings", "topics")
_NETWORKS: Final[Mapping[str, _Who]] = {
    "linkedin.com": _linkedin,
    "xing.com": _behind("profile"),
    "stackoverflow.com": _behind("users"),
    "github.com": _first(*_PAGES),
    "gitlab.com": _first(*_PAGES),
    "twitter.com": _first(*_PAGES, "hashtag", "i", "intent", "share"),
    "dribbble.com": _first(*_PAGES, "shots"),
    "behance.net": _first(*_PAGES, "gallery"),
}
_ALSO: Final[Mapping[str, str]] = {"x.com": "twitter.com"}
