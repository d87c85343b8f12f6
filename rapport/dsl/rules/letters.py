"""What people would see of a mail: holes, markup, a cut-off end; and what a link would tell others about them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapport.dsl.catalogue import MAIL_FIELDS
from rapport.dsl.events import ATS_EVENTS, EVENT_EVENTS
from rapport.dsl.mail_source import MailSource
from rapport.dsl.mail_template import Use
from rapport.dsl.mails import Mails
from rapport.dsl.problem import Problem, Source, Span
from rapport.dsl.subject import Subject

# Set for everybody: by us, by enrollment, or because they count from nothing.
_ALWAYS = frozenset(
    (
        *("candidate.id", "candidate.score", "candidate.email_domain", "enrolled_at", "sender.name", "sender.email"),
        *(f"organization.{name}" for name in ("name", "zone", "country", "language", "postal_address")),
        "organization.preferences_url",
    )
)
_OF_EVENTS = frozenset({"event.id", "event.type", "event.starts_at", "event.ends_at"})
_OF_APPLICATIONS = frozenset({"application.id", "application.job", "application.status"})
_OF_REJECTIONS = _OF_APPLICATIONS | {f"application.{name}" for name in ("stage", "outcome", "reason", "rejected_on")}
# What is known in some sequence; a text that none uses yet may be for that one.
_SOMEWHERE = _ALWAYS | _OF_EVENTS | _OF_REJECTIONS
# Where Gmail cuts a mail off, and with it the line about unsubscribing.
CLIPPED_AT = 102 * 1024
# Measured: our layout, and what a paragraph, a link and a row of a list add to their text.
_LAYOUT_BYTES, _GROWTH, _LINK_BYTES, _ROW_BYTES = 2_500, 1.05, 90, 10
_LONGEST_ADDRESS = 2_000  # characters; no program follows a longer one
_LINK = re.compile(r"\]\(|<https?:")
_ROW = re.compile(r"^[ \t]*(?:[-*+]|\d+\.)[ \t]", re.MULTILINE)
_PAGE = re.compile(r"\s*(?:<!doctype\b|<html\b|<mjml\b|<\?xml\b)", re.IGNORECASE)
_TAGS = (
    *(
        "a",
        "b",
        "body",
        "br",
        "button",
        "center",
        "div",
        "em",
        "font",
        "h[1-6]",
        "head",
        "hr",
        "html",
        "i",
        "img",
        "li",
    ),
    *("mj-[a-z]+", "mjml", "ol", "p", "span", "strong", "style", "table", "tbody", "td", "th", "tr", "u", "ul"),
)
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]{{0,500}}|/)?>", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]*`")
_FENCE = ("```", "~~~")
_INDENTED = ("    ", "\t")
_BRACES = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
_IN_ADDRESS = re.compile(r"(?:https?:|mailto:|\]\()[^\s()<>\]]*$")


def letter_problems(mails: Mails, fields: Iterable[str], subjects: Sequence[Subject]) -> Iterator[Problem]:
    """What is wrong with mails and notes in the eyes of those who get them; `fields` are those that there are."""
    known = _known(mails, subjects)
    optional = {*fields, *MAIL_FIELDS}
    readings = {name for subject in subjects for name in subject.readings}
    for file, text in mails.shown.items():
        source = mails.texts[file]
        uses = [use for use in text.uses if use.path in optional or use.path.partition(".")[0] in readings]
        yield from may_be_empty(uses, source, known.get(file, _SOMEWHERE))
        if isinstance(text, MailSource):
            yield from _data_in_links(text, source)
            yield from _markup(text, source)
            yield from _clipped(text, source)


def may_be_empty(uses: Iterable[Use], source: Source, known: frozenset[str]) -> Iterator[Problem]:
    """Fields that are put out bare and of which not everybody has a value; `known` have one."""
    for use in uses:
        if use.bare and use.path not in known:
            message = f'"{use.path}" may be empty, and then this is not sent'
            step = f"write {{{{ {use.path} or 'something else' }}}}, or put {{% if {use.path} %}} around it"
            yield source.problem(use.span, "variable-may-be-empty", message, step)


def known_of(subject: Subject) -> frozenset[str]:
    """The fields that have a value in every walk of a sequence, by the events that start it."""
    start = subject.loaded.tree.get("start") if isinstance(subject.loaded.tree, dict) else None
    events = start.get("when") if isinstance(start, dict) else None
    kinds = {kind for event in (events if isinstance(events, list) else [events]) for kind in _kinds(event)}
    if kinds and kinds <= set(EVENT_EVENTS):
        return _ALWAYS | _OF_EVENTS
    if kinds == {"rejected"}:
        return _ALWAYS | _OF_REJECTIONS
    return _ALWAYS | _OF_APPLICATIONS if kinds and kinds <= {*ATS_EVENTS, "rejected"} else _ALWAYS


def _kinds(event: object) -> Iterable[str]:
    return [str(kind) for kind in event] if isinstance(event, dict) else ["?"]


def _known(mails: Mails, subjects: Sequence[Subject]) -> Mapping[str, frozenset[str]]:
    """The fields that have a value in a mail or note, whichever sequence sends it."""
    known: dict[str, frozenset[str]] = {}
    for subject in subjects:
        here = known_of(subject)
        for file in _files_of(subject, mails):
            known[file] = known[file] & here if file in known else here
    return known


def _files_of(subject: Subject, mails: Mails) -> Iterator[str]:
    names = {placed.step.get("send") for placed in subject.outline}
    notes = {ats.get("add_note") for placed in subject.outline if isinstance(ats := placed.step.get("ats"), dict)}
    yield from (mails.shown_as[path] for (name, _), path in mails.files.items() if name in names)
    yield from (mails.shown_as[path] for name, path in mails.notes.items() if name in notes)


def _data_in_links(text: MailSource, source: Source) -> Iterator[Problem]:
    """Addresses are kept by every server that they pass; an id of ours says nothing to it."""
    for use in text.uses:
        end = use.span.column - 1
        before = _BRACES.sub("", source.line(use.span.line)[max(0, end - _LONGEST_ADDRESS) : end]).rpartition("{{")[0]
        if use.path.startswith("candidate.") and use.path != "candidate.id" and _IN_ADDRESS.search(before):
            message = f'"{use.path}" would stand in the address of a link, for every server on the way to read'
            yield source.problem(use.span, "data-in-link", message, "leave it out, or use {{ candidate.id }}")


def _markup(text: MailSource, source: Source) -> Iterator[Problem]:
    """Mails are Markdown: HTML in them is shown as it stands."""
    if _PAGE.match(text.body) and "unsubscribe" not in text.body:
        message = "this mail brings its own page, on which nobody finds the way out"
        step = "write the mail in Markdown: the layout around it shows how to unsubscribe, and who writes"
        yield source.problem(_first_line(text, source), "no-unsubscribe-link", message, step)
        return
    for number, line in _prose(text):
        if tag := _TAG.search(line):
            message = f"people would read {tag[0][:40]} as it stands: mails are Markdown, not HTML"
            span = Span(number, tag.start() + 1, len(tag[0]))
            yield source.problem(
                span, "html-in-mail", message, "write **bold**, [text](https://…) or an empty line instead"
            )
            return


def _first_line(text: MailSource, source: Source) -> Span:
    lines = range(text.body_line, len(source.lines) + 1)
    number = next((line for line in lines if source.line(line).strip()), text.body_line)
    return Span(number, 1, max(len(source.line(number)), 1))


def _prose(text: MailSource) -> Iterator[tuple[int, str]]:
    """The lines that are no code, with the code inside them blanked out."""
    inside = False
    for number, line in enumerate(text.body.split("\n"), text.body_line):
        if line.lstrip().startswith(_FENCE):
            inside = not inside
        elif not inside and not line.startswith(_INDENTED):
            yield number, _CODE.sub(lambda code: " " * len(code[0]), line)


def _clipped(text: MailSource, source: Source) -> Iterator[Problem]:
    links, rows = len(_LINK.findall(text.body)), len(_ROW.findall(text.body))
    size = _LAYOUT_BYTES + round(_GROWTH * len(text.body.encode())) + links * _LINK_BYTES + rows * _ROW_BYTES
    if size > CLIPPED_AT:
        message = f"this mail will have about {size // 1024} kB; Gmail cuts off after {CLIPPED_AT // 1024}"
        step = "shorten it: the way to unsubscribe stands at the end, which nobody would see"
        yield source.problem(Span(text.body_line, 1), "clipped-mail", message, step)
