"""A mail's file: front matter in plain `key: text` lines, then Markdown with Jinja2; read, never rendered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from rapport.dsl.mail_template import TemplateFacts, Use, read_template
from rapport.dsl.problem import Problem, Source, Span, in_order

# Twenty pages; a parser's time stays under a second.
MAX_BYTES = 64 * 1024
# Markdown looks for the end of every link from each bracket on: 30,000 of them take more than a second.
MAX_BRACKETS = 2_000
# Those in rapport/mail/layouts; a test holds the two together.
LAYOUTS = ("brand",)
KEYS = ("subject", "preheader", "layout")
_FENCE = "---"
_ENTRY = re.compile(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?$")
_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSource:
    """A mail as written; `fields` are dotted paths and `links` are names, each once and sorted.

    `body_line` is the line of the file on which `body` begins; `uses` are the fields with their places.
    """

    subject: str
    preheader: str | None
    layout: str | None
    body: str
    body_line: int
    fields: tuple[str, ...]
    links: tuple[str, ...]
    uses: tuple[Use, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    key: str
    value: str
    key_span: Span
    value_span: Span


def read_mail_source(text: str, file: str) -> MailSource:
    """Read a mail; whatever is wrong with it is in `problems`, with lines of the file, and never raised.

    A front matter value is the rest of its line; one pair of quotes around all of it is taken off.
    """
    source = Source.of(file, text)
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return _too_large(source, f"a mail may have {MAX_BYTES // 1024} kB; this one has more")
    if text.count("[") > MAX_BRACKETS:
        return _too_large(source, f"a mail may have {MAX_BRACKETS:,} opening brackets; this one has more")
    end = _end_of_front_matter(source)
    problems: list[Problem] = []
    entries = list(_front_matter(source, end, problems))
    values = {entry.key: entry for entry in reversed(entries)}
    problems += _key_problems(source, entries)
    if end is None:
        problems.append(_no_front_matter(source))
    elif not _value(values, "subject") and not any(_near(entry.key) == "subject" for entry in entries):
        problems.append(_no_subject(source, values.get("subject")))
    body_line = 1 if end is None else end + 1
    body = "\n".join(source.lines[body_line - 1 :])
    parts = [(entry.value, entry.value_span) for entry in entries if entry.key in {"subject", "preheader"}]
    templates = [read_template(part, source, span) for part, span in [*parts, (body, Span(body_line, 1))]]
    uses = tuple(use for template in templates for use in template.uses)
    return MailSource(
        subject=_value(values, "subject") or "",
        preheader=_value(values, "preheader"),
        layout=_value(values, "layout"),
        body=body,
        body_line=body_line,
        fields=tuple(sorted({use.path for use in uses})),
        links=tuple(sorted({link for template in templates for link in template.links})),
        uses=uses,
        problems=in_order([*problems, *(problem for template in templates for problem in template.problems)]),
    )


def read_note(text: str, file: str) -> TemplateFacts:
    """Read the text of an ATS note: Jinja2 without front matter; mistakes are in `problems`."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        message = f"a note may have {MAX_BYTES // 1024} kB; this one has more"
        return TemplateFacts(problems=list(_too_large(Source.of(file, text), message).problems))
    return read_template(text, Source.of(file, text), Span(1, 1))


def _value(values: dict[str, _Entry], key: str) -> str | None:
    entry = values.get(key)
    return entry.value if entry else None


def _end_of_front_matter(source: Source) -> int | None:
    """The number of the closing fence's line; None when the file has no front matter."""
    if source.line(1).rstrip().removeprefix("\ufeff") != _FENCE:
        return None
    closing = (number for number, line in enumerate(source.lines[1:], 2) if line.rstrip() == _FENCE)
    return next(closing, None)


def _front_matter(source: Source, end: int | None, problems: list[Problem]) -> Iterator[_Entry]:
    for number in range(2, end or 0):
        line = source.line(number)
        if not line.strip() or line.startswith("#"):
            continue
        match = _ENTRY.match(line)
        if match is None:
            message = "this line of the front matter is not `key: text`"
            problems.append(
                source.problem(
                    _whole(line, number), "mail-front-matter", message, "write it on one line, as `key: text`"
                )
            )
            continue
        yield _entry(match, number)


def _entry(match: re.Match[str], number: int) -> _Entry:
    raw = match["value"] or ""
    start = match.start("value") + 1 if match["value"] is not None else match.end() + 1
    value = raw.strip()
    start += len(raw) - len(raw.lstrip())
    if len(value) > 1 and value[0] in "\"'" and value.count(value[0]) == 2 and value[-1] == value[0]:  # noqa: PLR2004  # a pair
        value, start = value[1:-1], start + 1
    key = match["key"]
    return _Entry(key, value, Span(number, 1, len(key)), Span(number, start, max(len(value), 1)))


def _near(key: str) -> str | None:
    """The key that was probably meant; None for a right one, or when nothing is close."""
    near = [] if key in KEYS else get_close_matches(key[:40], KEYS, 1)
    return near[0] if near else None


def _key_problems(source: Source, entries: list[_Entry]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.key not in KEYS:
            near = _near(entry.key)
            hint = f' — did you mean "{near}"?' if near else ""
            message = f'a mail has no "{entry.key}"{hint}'
            yield source.problem(entry.key_span, "unknown-key", message, f"use one of {', '.join(KEYS)}, or remove it")
        elif entry.key in seen:
            message = f'"{entry.key}" is written twice; the first is on line {seen[entry.key]}'
            yield source.problem(entry.key_span, "duplicate-key", message, "keep one of them")
        elif entry.key == "layout" and not _NAME.fullmatch(entry.value):
            message = f'"{entry.value}" cannot be the name of a layout'
            yield source.problem(entry.value_span, "bad-value", message, "use small letters, digits and hyphens")
        elif entry.key == "layout" and entry.value not in LAYOUTS:
            message = f'there is no layout "{entry.value[:60]}"'
            step = f"write `layout: {LAYOUTS[0]}`, or leave the line out"
            yield source.problem(entry.value_span, "unknown-layout", message, step)
        seen.setdefault(entry.key, entry.key_span.line)


def _no_front_matter(source: Source) -> Problem:
    if source.line(1).rstrip() == _FENCE:
        message, step = "the front matter is not closed", "write `---` on a line of its own below `subject:`"
    else:
        message = "a mail starts with its front matter"
        step = "put `---`, `subject: …` and `---` on the first three lines"
    return source.problem(_whole(source.line(1), 1), "mail-front-matter", message, step)


def _no_subject(source: Source, entry: _Entry | None) -> Problem:
    span = entry.key_span if entry else Span(1, 1, 3)
    return source.problem(span, "missing-key", "a mail needs a subject", "write `subject: …` in the front matter")


def _too_large(source: Source, message: str) -> MailSource:
    problem = source.problem(
        Span(1, 1), "too-large", message, "shorten it, and link to pictures instead of embedding them"
    )
    return MailSource(
        subject="", preheader=None, layout=None, body="", body_line=1, fields=(), links=(), uses=(), problems=(problem,)
    )


def _whole(line: str, number: int) -> Span:
    return Span(number, 1, max(len(line.rstrip()), 1))
