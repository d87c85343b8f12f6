"""From a mail as written and what is known of a person to subject, HTML and text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rapport.dsl.mail_source import MailSource
from rapport.errors import BadInput
from rapport.mail.headers import one_line
from rapport.mail.markdown import Link, Links, to_html, to_text
from rapport.mail.merge import Merge, plain_data
from rapport.mail.sandbox import MAX_OUTPUT, Sandbox

_LONGEST_SUBJECT = 250  # no client shows more than about 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A mail's own words, before the layout; `links` are those that lead through our address."""

    subject: str
    preheader: str
    html: str
    text: str
    links: tuple[Link, ...]


def render(
    source: MailSource,
    context: Mapping[str, Any],
    *,
    nonce: str,
    wrap: Callable[[int], str],
    language: str = "en",
    file: str = "mail",
) -> Rendered:
    """Fill in a mail for one person; the same arguments give the same words.

    `nonce` is lower-case hex that people cannot guess; `wrap` gives the address for a link's number. Raises
    BadInput for a mistake in the text, and DataMissing when a field that is put out as it is has no value.
    """
    data = {str(key): plain_data(value) for key, value in context.items()}
    merge = Merge(nonce=nonce, room=MAX_OUTPUT, language=language)
    sandbox = Sandbox(merge)
    links = Links(merge, wrap)
    subject = merge.plain(sandbox.fill(source.subject, data, file=file))
    preheader = merge.plain(sandbox.fill(source.preheader or "", data, file=file))
    body = sandbox.fill(source.body, data, file=file, line=source.body_line)
    if not one_line(subject):
        raise BadInput(place=f"{file}: subject", message="it is empty", hint="Write `subject: …` in the front matter.")
    return Rendered(
        subject=one_line(subject)[:_LONGEST_SUBJECT],
        preheader=one_line(preheader),
        html=to_html(body, merge, links),
        text=to_text(body, merge, links),
        links=tuple(links.found.values()),
    )
