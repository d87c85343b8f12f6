"""The frame around every mail: who writes and why, how to leave, and the organization's looks."""

from dataclasses import dataclass
from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, TemplateNotFound
from markupsafe import Markup

from rapport.errors import ConfigurationError
from rapport.mail.notice import NoticeText
from rapport.mail.phrases import phrases

DEFAULT_LAYOUT = "brand"

_LAYOUTS = Environment(
    loader=PackageLoader("rapport.mail", "layouts"),
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
_INLINER = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a mail's own words; all of it is text but the addresses."""

    language: str
    subject: str
    preheader: str
    reason_line: str
    unsubscribe_url: str
    preferences_url: str
    privacy_url: str
    organization: str
    postal_address: str
    pixel_url: str | None
    notice: NoticeText | None = None


def frame_html(body: str, frame: Frame, *, layout: str) -> str:
    """Put clean HTML into the layout, with styles beside the elements for clients that drop style sheets."""
    values = {name: getattr(frame, name) for name in Frame.__slots__}
    filled = _layout(layout).render(body=Markup(body), phrases=phrases(frame.language), **values)  # noqa: S704  # nh3 made it
    return _INLINER.inline(filled)


def frame_text(body: str, frame: Frame) -> str:
    """Put the same words below the text part."""
    words = phrases(frame.language)
    lines = [
        frame.reason_line,
        f"{words.unsubscribe}: {frame.unsubscribe_url}",
        f"{words.preferences}: {frame.preferences_url}",
    ]
    if frame.privacy_url:
        lines.append(f"{words.privacy}: {frame.privacy_url}")
    lines.append(f"{frame.organization}, {frame.postal_address}")
    # Above the line that begins a signature: mail programs fold away what is below it.
    notice = ["", frame.notice.title, *frame.notice.lines] if frame.notice else []
    return "\n".join([body, *notice, "", "-- ", *lines, ""])


@cache
def _layout(name: str) -> Template:
    try:
        return _LAYOUTS.get_template(f"{name}.html")
    except TemplateNotFound as error:
        raise ConfigurationError(
            f"There is no mail layout {name!r}.", hint=f"Use `layout: {DEFAULT_LAYOUT}` or leave the line out."
        ) from error
