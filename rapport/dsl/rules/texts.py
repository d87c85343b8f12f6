"""Texts with fields in them: mails, notes, task titles, webhook texts."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from rapport.dsl.catalogue import CUSTOM, FIELDS, MAIL_FIELDS, Kind
from rapport.dsl.mail_source import MailSource
from rapport.dsl.mail_template import Use, read_template
from rapport.dsl.mails import Mails
from rapport.dsl.problem import Problem, Source, Span
from rapport.dsl.rules.letters import known_of, may_be_empty
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, one_of, quoted

# Nobody reads more at once about one mail, and for each of them the nearest name is looked for.
_MOST = 100


def text_fields(subject: Subject) -> Iterator[Problem]:
    """The fields in task titles and webhook texts exist."""
    for at in _texts(subject):
        span = subject.loaded.value(at.route)
        facts = read_template(at.value, subject.loaded.source, Span(span.line, span.column, span.width))
        yield from facts.problems
        yield from unknown_variables(facts.uses, subject.loaded.source, subject.fields, subject.readings)
        if at.route[-1] == "text":  # a task without a name is better than none, a call with a hole in it is not
            yield from may_be_empty(facts.uses, subject.loaded.source, known_of(subject))


def _texts(subject: Subject) -> Iterator[At]:
    for step in subject.having("task"):
        yield At(step.value["title"], (*step.route, "title"))
    for step in subject.having("webhook"):
        for key, value in step.value.get("data", {}).items():
            if isinstance(value, dict):
                yield At(value["text"], (*step.route, "data", key, "text"))


def unknown_variables(
    uses: Iterable[Use], source: Source, fields: Mapping[str, Kind], readings: Iterable[str]
) -> Iterator[Problem]:
    """Fields that are in no catalogue; what an ATS answers (`app.status`) may be called anything."""
    known = {**fields, **MAIL_FIELDS}
    roots = set(readings)
    for use in uses:
        root = use.path.partition(".")[0]
        if use.path in known or root in roots or (root == "mail" and use.path != "mail"):
            continue
        message = f"no field is called {quoted(use.path)}{did_you_mean(use.path, known)}"
        same = [name for name in known if name.startswith(f"{root}.")]
        yield source.problem(use.span, "unknown-field", message, one_of(same or known, empty=""))


def mail_problems(mails: Mails, fields: Mapping[str, Kind] | None, readings: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with the mails and notes of a folder; `fields` is None while project.yaml cannot be read."""
    yield from mails.problems
    for file, source in mails.shown.items():
        uses = source.uses if isinstance(source, MailSource) else tuple(source.uses)
        checked = [use for use in uses if fields is not None or not use.path.startswith(CUSTOM)]
        yield from islice(unknown_variables(checked, mails.texts[file], fields or FIELDS, readings), _MOST)


RULES = (text_fields,)
