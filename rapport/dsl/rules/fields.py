"""Fields: each is known, known at that point of the walk, and asked what its kind can answer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rapport.dsl.catalogue import CUSTOM, MAIL_STATES, OPERATORS_OF, Kind
from rapport.dsl.compose import Route
from rapport.dsl.moments import date_problem
from rapport.dsl.outline import may_precede
from rapport.dsl.problem import Problem
from rapport.dsl.rules.values import value_problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, listed, nearest, one_of, quoted, spoken

_INSTEAD = {
    Kind.LIST: "use `include` or `exclude`, like `{include: [a, b]}`",
    Kind.DATE: "use `before` or `after`, like `{after: 2026-01-31}`",
    Kind.CONSENT: "write the purpose itself, like `candidate.consent: nurture`",
}


_Fit = tuple[Callable[[Any], bool], str, str]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FITS: Mapping[Kind, _Fit] = {
    Kind.NUMBER: (_is_number, "is not a number", "write a number, like 40"),
    Kind.BOOLEAN: (lambda value: isinstance(value, bool), "is not true or false", "write true or false"),
    Kind.TEXT: (lambda value: isinstance(value, str), "is not a text", "put it in quotes"),
    Kind.LIST: (lambda value: isinstance(value, str), "is not a text", "put it in quotes"),
}


_FITS_ONE = {kind: what for kind, (_, what, _) in _FITS.items()}


def unknown_field(subject: Subject) -> Iterator[Problem]:
    """Every field that a condition, a webhook or a date reads exists."""
    for at in subject.tests():
        yield from _unknown(subject, At(at.route[-1], at.route, at.step), at_key=True)
    for at in _paths(subject):
        yield from _unknown(subject, at, at_key=False)


def _unknown(subject: Subject, at: At, *, at_key: bool) -> Iterator[Problem]:
    path = str(at.value)
    say = subject.at_key if at_key else subject.at_value
    root, _, rest = path.partition(".")
    if root == "mail":
        yield from _unknown_mail(subject, at, rest, at_key=at_key)
    elif root in subject.readings and rest:
        if at.step and not may_precede(subject.readings[root].route, at.step.route):
            message = f'"{root}" is read only after this step'
            yield say(at, "not-yet-read", message, "move the `ats: {read: …}` step above this one")
    elif path.startswith(CUSTOM) and subject.declaring("custom_fields") is None:
        return
    elif path not in subject.fields:
        yield say(
            at, "unknown-field", f"no field is called {quoted(path)}{_meant(subject, path)}", _choices(subject, path)
        )


def _unknown_mail(subject: Subject, at: At, step: str, *, at_key: bool) -> Iterator[Problem]:
    say = subject.at_key if at_key else subject.at_value
    if step not in subject.sends:
        message = f"no send step is called {quoted(step)}{did_you_mean(step, subject.sends)}"
        yield say(at, "unknown-mail", message, one_of(subject.sends, empty="add a send step, or remove this"))
    elif at.step is None or not may_precede(subject.sends[step].route, at.step.route):
        message = f'at this point "{step}" cannot have been sent'
        yield say(at, "mail-not-yet-sent", message, "ask about a mail that is sent above this step")


def _meant(subject: Subject, path: str) -> str:
    """Did-you-mean, also for a path of which only the last part is right (`country` for `candidate.country`)."""
    if hint := did_you_mean(path, subject.fields):
        return hint
    ending = next((name for name in subject.fields if name.endswith(f".{path.rpartition('.')[2]}")), None)
    return f' — did you mean "{ending}"?' if ending else ""


def _choices(subject: Subject, path: str) -> str:
    if path.startswith(CUSTOM):
        own = [name for name in subject.fields if name.startswith(CUSTOM)]
        return one_of(own, empty="declare it under `custom_fields` of project.yaml")
    root = path.partition(".")[0]
    roots = sorted({name.partition(".")[0] for name in subject.fields})
    near = root if root in roots else nearest(root, roots)
    same = [name for name in subject.fields if near and name.startswith(near)]
    return one_of(same or subject.fields, empty="remove it")


def _paths(subject: Subject) -> Iterator[At]:
    """Field paths outside conditions: in webhooks, and as the key of `once_per`."""
    if at := subject.top("start", "once_per"):
        yield at
    for step in subject.having("webhook"):
        for key, value in step.value.get("data", {}).items():
            if isinstance(value, str):
                yield At(value, (*step.route, "data", key), step.step)


def wrong_type(subject: Subject) -> Iterator[Problem]:
    """A number is not asked what it includes, and a list is not compared with 40."""
    for at in subject.tests():
        yield from type_problems(subject, at, subject.fields.get(str(at.route[-1])))


def type_problems(subject: Subject, at: At, kind: Kind | None) -> Iterator[Problem]:
    """What is wrong about one `field: test`, given the kind of the field."""
    if kind is None:
        return
    for operator, value, route in _operands(at):
        if operator not in OPERATORS_OF[kind]:
            allowed = [name for name in OPERATORS_OF[kind] if name != "is"]
            shown = "a plain value" if operator == "is" else f'"{operator}"'
            message = f'"{at.route[-1]}" is a {kind}, of which {shown} cannot be asked'
            place = At(value, route)
            say = subject.at_value if operator == "is" else subject.at_key
            yield say(place, "wrong-type", message, _INSTEAD.get(kind, f"use a plain value, or {listed(allowed)}"))
        elif operator != "exists":
            yield from _value_problems(subject, At(value, route), kind, str(at.route[-1]))


def _operands(at: At) -> Iterator[tuple[str, Any, Route]]:
    if isinstance(at.value, Mapping):
        yield from ((operator, value, (*at.route, operator)) for operator, value in at.value.items())
    else:
        yield "is", at.value, at.route


def _value_problems(subject: Subject, at: At, kind: Kind, field: str) -> Iterator[Problem]:
    values = at.value if isinstance(at.value, list) else [at.value]
    for index, value in enumerate(values):
        place = At(value, (*at.route, index) if isinstance(at.value, list) else at.route)
        if found := _value_problem(subject, place, kind) or value_problem(subject, place, field):
            yield found


def given_value(subject: Subject, at: At, kind: Kind) -> Iterator[Problem]:
    """What is wrong with a value that a test file gives to a field of this kind."""
    if isinstance(at.value, list) is not (kind is Kind.LIST):
        message = f"{spoken(at.value)} {'is not a list' if kind is Kind.LIST else _FITS_ONE.get(kind, 'is not a date')}"
        yield subject.at_value(at, "wrong-type", message, f"project.yaml declares it as a {kind}")
    elif isinstance(at.value, list):
        yield from _value_problems(subject, at, kind, "")
    elif found := _value_problem(subject, at, kind):
        yield found


def _value_problem(subject: Subject, at: At, kind: Kind) -> Problem | None:
    if kind in _FITS:
        fits, what, step = _FITS[kind]
        return None if fits(at.value) else subject.at_value(at, "wrong-type", f"{spoken(at.value)} {what}", step)
    match kind:
        case Kind.DATE:
            return date_problem(subject, at)
        case Kind.MAIL if at.value not in MAIL_STATES:
            message = f"{quoted(at.value)} is nothing that happens to a mail{did_you_mean(at.value, MAIL_STATES)}"
            return subject.at_value(at, "bad-value", message, one_of(MAIL_STATES, empty=""))
        case _:
            return None


RULES = (unknown_field, wrong_type)
