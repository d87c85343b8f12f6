"""How `rapport test` shows a case: what was expected beside what came, then why, each line with its place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cli.calendar_line import calendar_line
from cli.test_cases import Case, Judged, place_in, routes_of_steps
from rapport.dsl.wording import counted
from rapport.engine.script import Scripted
from rapport.engine.side_by_side import Row
from rapport.engine.virtual import Line

_NOTHING = "(nothing)"


def report(judged: Judged) -> Iterator[str]:
    """The case in lines, without a line break at their ends; a blank one closes it."""
    case, result = judged.case, judged.verdict.calendar.result
    mails = counted(len(result.mails), "mail")
    yield f"{'ok  ' if judged.passed else 'FAIL'}  {case.sequence} / {case.name} ({mails}, ends: {result.ends})"
    yield f"      {case.place}"
    for place, message in judged.verdict.calendar.wrong:
        yield f"      {case.place_of(place)}: {message}; move it, or send the mail earlier"
    yield from _in_columns(judged.verdict.rows, "expected ", "got ")
    if not judged.agrees:
        yield "      the engines disagree: this is a fault of Rapport and not of your sequence; please report it"
        yield from _in_columns(judged.timelines, "simulated ", "on Temporal ")
    yield "      why:"
    yield from _why(judged)
    yield ""


def _in_columns(rows: Sequence[Row], left: str, right: str) -> Iterator[str]:
    width = max((len(row.expected or _NOTHING) for row in rows), default=0)
    for row in rows:
        mark = "ok " if row.holds else "→  "
        yield f"      {mark} {left}{row.expected or _NOTHING:<{width}}   {right}{row.got or _NOTHING}"


def _why(judged: Judged) -> Iterator[str]:
    """What happened and what the walk made of it, in order, each line with its place in the test or the sequence."""
    calendar = judged.verdict.calendar
    lines = [(calendar_line(calendar, line), place) for line, place in _trace(judged)]
    width = max((len(text) for text, _ in lines), default=0)
    for text, place in lines:
        yield f"        {text:<{width}}  {place}".rstrip()


def _trace(judged: Judged) -> list[tuple[Line, str]]:
    """What was scripted and what was walked; at one instant, what happens comes first."""
    case, calendar = judged.case, judged.verdict.calendar
    last = calendar.lines[-1].at if calendar.lines else calendar.scenario.start.instant
    wrong = {place for place, _ in calendar.wrong}
    scripted = [
        (Line(one.at, "", "(happens)", _said(case, one)), _short(case.place_of(one.place)))
        for one in calendar.scenario.script()
        if one.at <= last and one.place not in wrong
    ]
    places = _places(case)
    walked = [(line, places.get(line.step) or _place_of_end(case, line)) for line in calendar.lines]
    return sorted([*scripted, *walked], key=_instant)


def _instant(entry: tuple[Line, str]) -> datetime:
    return entry[0].at


def _said(case: Case, scripted: Scripted) -> str:
    """The line of the script, as the file has it."""
    [what] = case.tree["when"][scripted.place].values()
    return _flow(what) if isinstance(what, str) else ", ".join(f"{key}: {_flow(value)}" for key, value in what.items())


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_flow(inner)}' for key, inner in value.items())}}}"
    return f"[{', '.join(map(_flow, value))}]" if isinstance(value, list) else str(value)


def _places(case: Case) -> dict[str, str]:
    loaded = case.checked.loaded
    return {step: _short(place_in(loaded, route)) for step, route in routes_of_steps(case.checked).items()}


def _place_of_end(case: Case, line: Line) -> str:
    """Where the file says that a walk ends by this; the ends that hold for every sequence stand nowhere."""
    name = line.text.removeprefix("ends: ")
    key = "goal" if name.startswith("goal") else "exit"
    named = case.checked.tree.get(key, [])
    patterns = named if isinstance(named, list) else [named]
    listed = [next(iter(pattern)) if isinstance(pattern, Mapping) else pattern for pattern in patterns]
    kind = name.removeprefix("goal: ")
    if line.step or kind not in listed:
        return ""
    route = (key, listed.index(kind)) if isinstance(named, list) else (key,)
    return _short(place_in(case.checked.loaded, route))


def _short(place: str) -> str:
    """`file:line`: a column is of no use to somebody who reads a story."""
    return place.rpartition(":")[0]
