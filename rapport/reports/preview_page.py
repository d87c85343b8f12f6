"""Previewed mails as a page: each as a phone and as a wide window show it, as plain text, and with where it leads."""

from collections.abc import Sequence

from rapport.dsl.rules.letters import CLIPPED_AT
from rapport.reports.page import page
from rapport.reports.preview import Preview


def preview_page(title: str, who: str, mails: Sequence[Sequence[Preview]]) -> str:
    """One page; the mails stand in frames that run no script and lead nowhere."""
    return page("preview", title=title, who=who, mails=mails, clipped_at=CLIPPED_AT)


def preview_text(found: Preview) -> list[str]:
    """The same for a terminal: the words, the links, and what is missing."""
    lines = [f"{found.file} ({found.language}), step {found.occasion.step}", f"From: {found.sender}"]
    lines += [f"Missing: {path}, so that the mail would not be sent" for path in found.missing]
    if found.composed is None:
        return [*lines, f"Not composed: {found.problem}"]
    lines += [f"Subject: {found.composed.subject}", "", found.composed.text.rstrip(), ""]
    return [*lines, *(f"link {link.number} {link.name or '(no name)'}: {link.url}" for link in found.composed.links)]
