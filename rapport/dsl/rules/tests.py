"""Test files: they name a sequence of the folder, its steps, its mails and days that exist."""

from collections.abc import Callable, Iterable, Iterator

from rapport.dsl.catalogue import Kind
from rapport.dsl.events import MAIL_EVENTS
from rapport.dsl.moments import is_date, is_zone
from rapport.dsl.problem import Problem
from rapport.dsl.rules.fields import given_value
from rapport.dsl.rules.mails import links_not_there
from rapport.dsl.rules.values import value_problem
from rapport.dsl.subject import At, Subject
from rapport.dsl.wording import did_you_mean, one_of, quoted

_ABOUT_MAILS = (*MAIL_EVENTS, "machine_clicked", "machine_opened", "bounced", "complained")
_ACTIONS = ("score", "tag", "pool", "ats", "enroll", "webhook", "task")
_POOL_EVENTS = ("added_to_pool", "removed_from_pool")
_CLICKS = ("clicked", "machine_clicked")
# What happenings name that a field of the candidate holds.
_FIELD_OF = {
    **dict.fromkeys(_POOL_EVENTS, "candidate.pools"),
    **dict.fromkeys(("unsubscribed", "consent_withdrawn"), "candidate.consent"),
}
_MOCKED = ("ats", "webhook")
_DATED = ("joined_on", "last_contacted_on", "starts_at", "ends_at", "rejected_on")


def start_of_test(subject: Subject) -> Iterator[Problem]:
    """`starts` is a moment that exists in a zone that exists."""
    at = subject.top("starts")
    if at is None:
        return
    moment, _, zone = at.value.rpartition(" ")
    if not is_date(moment):
        message = f"{quoted(moment)} is not a day of the calendar"
        yield subject.at_value(at, "bad-date", message, "write one like 2026-03-02 10:00 Europe/Berlin")
    if not is_zone(zone):
        yield subject.at_value(at, "bad-zone", f"there is no time zone {quoted(zone)}", "write one like Europe/Berlin")


def tested_sequence(subject: Subject) -> Iterator[Problem]:
    """The sequence under test is in the folder."""
    at = subject.top("sequence")
    if at and at.value not in subject.sequences:
        yield _no_sequence(subject, at)


def named_steps(subject: Subject) -> Iterator[Problem]:
    """Events, variants, mocks and expectations name what the sequence has."""
    tested = _tested(subject)
    if tested is None:
        return
    mails = [mail for placed in tested.sends.values() if isinstance(mail := placed.step.get("send"), str)]
    known: dict[str, Iterable[str]] = {
        "send step": [*tested.sends, "any"],
        "split step": _ids(tested, ("split",)),
        "step with an answer": _ids(tested, _MOCKED),
        "action": _ids(tested, _ACTIONS),
        "mail": mails,
    }
    for kind, named, say in _names(subject):
        if named.value not in known[kind]:
            message = f'"{tested.name}" has no {kind} {quoted(named.value)}{did_you_mean(named.value, known[kind])}'
            rule = "unknown-mail" if kind in {"mail", "send step"} else "unknown-step"
            yield say(named, rule, message, one_of(known[kind], empty="remove it"))


def dates_in_tests(subject: Subject) -> Iterator[Problem]:
    """Dates of candidates, events and applications are in the calendar."""
    for at, field in _given(subject):
        if field.partition(".")[2] in _DATED and not is_date(at.value):
            yield subject.at_value(at, "bad-date", f"{quoted(at.value)} is not a date", "write a date as 2026-03-01")


def custom_in_tests(subject: Subject) -> Iterator[Problem]:
    """A candidate's own fields are declared, and hold what they are declared to hold."""
    project = subject.declaring("custom_fields")
    if project is None:
        return
    known = project.custom_fields
    for where in _settings(subject):
        given = where.value.get("candidate", {}).get("custom", {}) if subject.sound((*where.route, "candidate")) else {}
        for name, value in given.items():
            at = At(value, (*where.route, "candidate", "custom", name))
            if name in known:
                yield from given_value(subject, at, Kind(known[name]))
            else:
                message = f"no custom field is called {quoted(name)}{did_you_mean(name, known)}"
                yield subject.at_key(at, "unknown-field", message, one_of(known, empty="declare it in project.yaml"))


def values_in_tests(subject: Subject) -> Iterator[Problem]:
    """Where only some words can stand, such as stages, pools, purposes and colleagues, one of them does."""
    for at, field in _given(subject):
        if found := value_problem(subject, at, field):
            yield found
    for case in _cases(subject):
        for kind, at in _happenings(subject, case):
            yield from _wrong_happening(subject, kind, at)


def variants_in_tests(subject: Subject) -> Iterator[Problem]:
    """A split is told to draw one of its own variants."""
    tested = _tested(subject)
    splits = {placed.id: placed.step["split"] for placed in tested.outline if "split" in placed.step} if tested else {}
    for where in _settings(subject):
        for at in _keys(subject, where, "variants"):
            known, drawn = splits.get(at.value), At(where.value["variants"][at.value], at.route)
            if isinstance(known, dict) and drawn.value not in known:
                message = f'"{at.value}" has no variant {quoted(drawn.value)}{did_you_mean(drawn.value, known)}'
                yield subject.at_value(drawn, "unknown-step", message, one_of(known, empty="remove it"))


def segments_in_tests(subject: Subject) -> Iterator[Problem]:
    """Nobody joins a segment in a test but by what its condition asks about, as in life."""
    pools = subject.project.pools if subject.project else {}
    for kind, at in (found for case in _cases(subject) for found in _happenings(subject, case)):
        name = at.value
        if kind in _POOL_EVENTS and isinstance(name, str) and (pool := pools.get(name)) and pool.members:
            message = f'"{name}" is a segment: people join and leave it by themselves'
            yield subject.at_value(at, "segment-as-target", message, "let happen what its condition asks about")


def _given(subject: Subject) -> Iterator[tuple[At, str]]:
    """Every word that is given to a field, or expected of it, with the name of the field."""
    for where in _settings(subject):
        for root in ("candidate", "event", "application"):
            yield from _words(subject, At(where.value.get(root), (*where.route, root)), root)
    for case in _cases(subject):
        expected = case.value.get("then")
        if isinstance(expected, dict):
            yield from _words(subject, At(expected.get("candidate"), (*case.route, "then", "candidate")), "candidate")
        for kind, at in _happenings(subject, case):
            if kind == "event_changed":
                yield from _words(subject, at, "event")


def _words(subject: Subject, given: At, root: str) -> Iterator[tuple[At, str]]:
    for name, value in given.value.items() if isinstance(given.value, dict) and subject.sound(given.route) else ():
        route = (*given.route, name)
        if isinstance(value, list):
            yield from ((At(word, (*route, index)), f"{root}.{name}") for index, word in enumerate(value))
        else:
            yield At(value, route), f"{root}.{name}"


def _wrong_happening(subject: Subject, kind: str, at: At) -> Iterator[Problem]:
    tested = _tested(subject)
    if kind in _FIELD_OF and at.value != "any" and (found := value_problem(subject, at, _FIELD_OF[kind])):
        yield found
    elif kind in _CLICKS and tested:
        yield from links_not_there(subject, at, tested.sends)
    elif kind == "sequence_ended":
        name = At(at.value["sequence"], (*at.route, "sequence")) if isinstance(at.value, dict) else at
        if name.value not in subject.sequences:
            yield _no_sequence(subject, name)


def _no_sequence(subject: Subject, at: At) -> Problem:
    message = f"no sequence is called {quoted(at.value)}{did_you_mean(at.value, subject.sequences)}"
    return subject.at_value(
        at, "unknown-sequence", message, one_of(subject.sequences, empty="write the sequence first")
    )


def _tested(subject: Subject) -> Subject | None:
    """The sequence under test; None where it is not there or cannot be read, which is said elsewhere."""
    at = subject.top("sequence")
    tested = subject.sequences.get(at.value) if at else None
    return tested if tested and tested.outline else None


_Say = Callable[[At, str, str, str], Problem]


def _names(subject: Subject) -> Iterator[tuple[str, At, _Say]]:
    for where in _settings(subject):
        yield from (("split step", at, subject.at_key) for at in _keys(subject, where, "variants"))
        yield from (("step with an answer", at, subject.at_key) for at in _keys(subject, where, "mocks"))
    for case in _cases(subject):
        yield from (("send step", at, subject.at_value) for at in _awaited(subject, case))
        expected = case.value.get("then", {})
        route = (*case.route, "then")
        if not subject.sound(route):
            continue
        for index, mail in enumerate(expected.get("mails", ())):
            yield from (
                ("mail", At(name, (*route, "mails", index, day)), subject.at_value) for day, name in mail.items()
            )
        for index, action in enumerate(expected.get("actions", ())):
            yield "action", At(action, (*route, "actions", index)), subject.at_value


def _awaited(subject: Subject, case: At) -> Iterator[At]:
    for kind, at in _happenings(subject, case):
        if kind in _ABOUT_MAILS:
            yield At(at.value["step"], (*at.route, "step")) if isinstance(at.value, dict) else at


def _happenings(subject: Subject, case: At) -> Iterator[tuple[str, At]]:
    """What happens in a case, by its kind."""
    for index, happening in enumerate(case.value.get("when", ()) if subject.sound((*case.route, "when")) else ()):
        for day, event in happening.items():
            for kind, target in event.items() if isinstance(event, dict) else ():
                yield kind, At(target, (*case.route, "when", index, day, kind))


def _settings(subject: Subject) -> Iterator[At]:
    """The file itself and every case: both may describe the candidate, the event and so on."""
    yield At(subject.loaded.tree, ())
    yield from _cases(subject)


def _cases(subject: Subject) -> Iterator[At]:
    cases = subject.loaded.tree.get("cases")
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict):
            yield At(case, ("cases", index))


def _keys(subject: Subject, where: At, key: str) -> Iterator[At]:
    if subject.sound((*where.route, key)):
        yield from (At(name, (*where.route, key, name)) for name in where.value.get(key, {}))


def _ids(subject: Subject, verbs: Iterable[str]) -> list[str]:
    return [placed.id for placed in subject.outline if placed.id and any(verb in placed.step for verb in verbs)]


RULES = (
    start_of_test,
    tested_sequence,
    named_steps,
    dates_in_tests,
    custom_in_tests,
    segments_in_tests,
    values_in_tests,
    variants_in_tests,
)
