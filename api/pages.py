"""The few pages that candidates see: small, readable by everybody, without scripts, pictures or cookies."""

import base64
import hashlib
import html
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.page_words import page_words
from rapport.mail.phrases import spoken_date
from rapport.usecases.preference_changes import Answer
from rapport.usecases.preferences import Preferences

_STYLE = (Path(__file__).parent / "layouts" / "candidate.css").read_text(encoding="utf-8")
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
_TEMPLATES = Environment(loader=PackageLoader("api", "layouts"), autoescape=True, undefined=StrictUndefined)
RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {"description": "A page that says what works anyway."},
    503: {"description": "A page that asks to try again; nothing has been changed."},
}
_LATER = {"Retry-After": "5"}  # seconds; mail providers that press the button for somebody wait as long


def preferences(shown: Preferences, *, answer: Answer | None) -> HTMLResponse:
    """Show what a person gets, with a button for each change; `answer` is what the last button has done."""
    words = page_words(shown.language)
    fill = {"organization": shown.organization, "day": _day(shown, shown.paused_until)}
    status = None if answer in (None, "refused") else str(getattr(words, str(answer))).format(**fill)
    content = _TEMPLATES.get_template("preferences.html").render(
        shown=shown,
        words=words,
        status=status,
        is_outdated=answer == "outdated",
        fill=fill,
        day=partial(_day, shown),
    )
    title = words.title if shown.access == "open" else str(getattr(words, f"{shown.access}_title"))
    return _page(title, content, language=shown.language)


def ask_to_unsubscribe(*, organization: str, purpose: str, preferences_url: str, language: str) -> HTMLResponse:
    """Ask before anything happens: mail scanners follow links, people press buttons."""
    words = page_words(language)
    asked = words.ask_text.format(organization=html.escape(organization), purpose=html.escape(purpose))
    return _page(
        words.ask_title,
        f"<p>{asked}</p>"
        '<form method="post">'
        f'<button class="first" name="stop" value="purpose">{words.unsubscribe}</button>'
        f'<button class="second" name="stop" value="all">{words.stop}</button>'
        "</form>"
        f'<footer><p><a href="{html.escape(preferences_url)}">{words.instead}</a></p></footer>',
        language=language,
    )


def unsubscribed(*, organization: str, preferences_url: str, language: str) -> HTMLResponse:
    """Say that it is done; the same whether or not it was done before."""
    words = page_words(language)
    return _page(
        words.unsubscribed_title,
        f"<p>{words.unsubscribed_text.format(organization=html.escape(organization))}</p>"
        f'<p><a href="{html.escape(preferences_url)}">{words.again}</a></p>',
        language=language,
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


def not_changed_yet() -> HTMLResponse:
    """Say that nothing has been changed, and how to look again."""
    return _page(
        "Please try again in a moment",
        "<p>We cannot reach our records right now, so nothing has been changed yet.</p>"
        '<p><a href="">Look again</a></p>'
        "<p>Or answer the mail with the word <strong>unsubscribe</strong> to get no more of them.</p>",
        status=503,
        headers=_LATER,
    )


def _day(shown: Preferences, day: date | None) -> str:
    return spoken_date(day, shown.language) if day else ""


def _page(
    title: str,
    content: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    language: str = "en",
) -> HTMLResponse:
    page = (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, status, headers={**_HEADERS, **headers})
