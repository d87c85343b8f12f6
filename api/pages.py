"""The few pages that candidates see: small, readable by everybody, without scripts, pictures or cookies."""

import base64
import hashlib
import html
from collections.abc import Mapping
from types import MappingProxyType

from fastapi.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark }
body { margin: 0; background: #f4f5f7; color: #1c2733; font: 1.0625rem/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: .75rem }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1rem }
button { font: inherit; padding: .7rem 1.2rem; border: 1px solid #0b57d0; border-radius: .5rem; cursor: pointer }
button.first { background: #0b57d0; color: #fff }
button.second { background: transparent; color: inherit }
button:focus-visible { outline: 3px solid #ffb000; outline-offset: 2px }
form { display: flex; flex-wrap: wrap; gap: .75rem }
@media (max-width: 38rem) { main { margin: 0; min-height: 100vh; border-radius: 0; box-sizing: border-box } }
@media (prefers-color-scheme: dark) {
  body { background: #14181d; color: #e6e9ed } main { background: #1d232a }
  button { border-color: #8ab4f8 } button.first { background: #8ab4f8; color: #14181d }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_LATER = {"Retry-After": "5"}  # seconds; mail providers that press the button for somebody wait as long


def ask_to_unsubscribe(*, organization: str, purpose: str) -> HTMLResponse:
    """Ask before anything happens: mail scanners follow links, people press buttons."""
    return _page(
        "Stop these mails?",
        f"<p>You get mails from <strong>{html.escape(organization)}</strong>: {html.escape(purpose)}.</p>"
        '<form method="post">'
        '<button class="first" name="stop" value="purpose">Unsubscribe</button>'
        '<button class="second" name="stop" value="all">Stop all mails</button>'
        "</form>",
    )


def unsubscribed(*, organization: str) -> HTMLResponse:
    """Say that it is done; the same whether or not it was done before."""
    return _page(
        "You are unsubscribed",
        f"<p>{html.escape(organization)} will not send you these mails any more.</p>"
        "<p>A mail that is already on its way may still arrive.</p>",
    )


def unknown_unsubscribe() -> HTMLResponse:
    """Say kindly that the link is not one of ours, and what works anyway."""
    return _page(
        "This link is not complete",
        "<p>It may have been cut off by your mail program. Use the unsubscribe link at the end of a mail once more, or "
        "answer the mail with the word <strong>unsubscribe</strong>.</p>",
        status=404,
    )


def link_is_gone(*, organization: str | None) -> HTMLResponse:
    """Say that a link leads nowhere; nobody is sent to an address that a link brought along."""
    name = html.escape(organization) if organization else "the sender"
    return _page(
        "This link leads nowhere any more",
        f"<p>It may have been cut off, or it was withdrawn. Answer the mail to ask {name} for a new one.</p>",
        status=404,
    )


def one_moment() -> HTMLResponse:
    """Say that the destination cannot be looked up right now; the page asks again by itself."""
    return _page(
        "One moment, please",
        "<p>We cannot look up where this link leads right now. This page tries again every few seconds.</p>"
        '<p><a href="">Try again now</a></p>',
        status=503,
        headers={**_LATER, "Refresh": _LATER["Retry-After"]},
    )


def not_unsubscribed_yet(*, stop: str | None) -> HTMLResponse:
    """Say that it has not been done; the button does the same again, or asks anew when nothing was pressed."""
    again = (
        f'<form method="post"><button class="first" name="stop" value="{html.escape(stop)}">Try again</button></form>'
        if stop is not None
        else '<p><a href="">Try again</a></p>'
    )
    return _page(
        "Please try again in a moment",
        "<p>We cannot reach our records right now, so nothing has been changed yet.</p>"
        f"{again}<p>Or answer the mail with the word <strong>unsubscribe</strong>.</p>",
        status=503,
        headers=_LATER,
    )


def _page(
    title: str, content: str, *, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})
) -> HTMLResponse:
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, status, headers={**_HEADERS, **headers})
