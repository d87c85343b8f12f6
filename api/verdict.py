"""Whether a person or a machine asked, as far as one request can tell."""

from typing import Literal

from starlette.datastructures import Headers

Verdict = Literal["human", "machine"]

# Browsers that only prepare a page, and proxies that look at links, say so in one of these.
_PREPARING = ("sec-purpose", "purpose", "x-moz", "x-purpose")
_PREPARING_WORDS = ("prefetch", "preview", "prerender")
_APPLE_PROXY = "Mozilla/5.0"  # exactly: Apple loads the pictures of every mail, opened or not


def verdict(method: str, headers: Headers) -> tuple[Verdict, str]:
    """Judge a request; the second part is the reason, for the evidence."""
    agent = headers.get("user-agent", "").strip()
    if method == "HEAD":
        return "machine", "only the head was asked for"
    if not agent:
        return "machine", "no user agent"
    if agent == _APPLE_PROXY:
        return "machine", "a proxy's user agent"
    said = " ".join(headers.get(name, "") for name in _PREPARING).lower()
    if any(word in said for word in _PREPARING_WORDS):
        return "machine", "a prefetch"
    return "human", "no sign of a machine"
