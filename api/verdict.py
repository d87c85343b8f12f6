"""Whether a person or a machine asked, as far as one request can tell."""

from starlette.datastructures import Headers

from rapport.crm.visit_verdict import Asked, Verdict, signs_of_request, verdict_of

# Browsers that only prepare a page, and proxies that look at links, say so in one of these.
_PREPARING = ("sec-purpose", "purpose", "x-moz", "x-purpose")


def preparing(headers: Headers) -> str:
    """What the headers say that announce a prefetch."""
    return " ".join(headers.get(name, "") for name in _PREPARING)


def verdict(method: str, headers: Headers) -> Verdict:
    """Judge a click by its request alone."""
    asked = Asked(kind="click", method=method, agent=headers.get("user-agent", ""), preparing=preparing(headers))
    return verdict_of(list(signs_of_request(asked)))
