"""`rapport paths`: every way through a sequence, how long it takes and how many mails it brings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path as File

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.one_sequence import one_sequence
from rapport.dsl.project import Cap, ContactPolicy
from rapport.dsl.wording import counted
from rapport.dsl.workspace import CheckedSequence
from rapport.engine.paths import MOST_PATHS, WEEK, Overview, Path, busiest, count_paths, each_path, overview
from rapport.engine.reach import Range

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_ASIDE = (
    "Lengths are those of the waits: windows, public holidays and the contact policy can add to them,",
    "and the goal or an exit can end a path at any step.",
)


@click.command(short_help="List every path through a sequence.")
@click.argument("sequence")
@click.option("--in", "folder", type=click.Path(exists=True, path_type=File), default=File("sequences"))
def paths(sequence: str, folder: File) -> int:
    """List every path through SEQUENCE: choices, length, mails, and its worst week against the contact policy."""
    found = one_sequence(sequence, folder)
    if found is None:
        return EXIT_PROBLEMS
    checked, project = found
    for line in _page(checked, project.contact_policy):
        click.echo(line)
    return EXIT_OK


def _page(checked: CheckedSequence, policy: ContactPolicy) -> Iterator[str]:
    yield f"{checked.tree['title']} ({checked.name})"
    yield from _ASIDE
    yield ""
    if count_paths(checked.plan) > MOST_PATHS:
        yield from _summary(overview(checked.plan), policy)
        return
    number, worst = 0, 0
    for number, path in enumerate(each_path(checked.plan), start=1):
        crowded = busiest(path, [WEEK, *(cap.per.roughly() for cap in policy.at_most)])
        worst = max(worst, len(crowded[WEEK]))
        yield from _path(number, path, crowded, policy)
    yield f"{counted(number, 'path')}; most mails in any 7 days: {worst}{_allowed(worst, policy)}"


def _path(number: int, path: Path, crowded: Mapping[timedelta, Sequence[str]], policy: ContactPolicy) -> Iterator[str]:
    week = crowded[WEEK]
    named = f" ({', '.join(week)})" if week else ""
    yield f"path {number}: {_length(path.end.since, path.end.open)}, {counted(len(path.mails), 'mail')}"
    for step, words in path.choices:
        yield f"  {step}: {words}"
    yield f"  mails: {', '.join(path.mails) or 'none'}"
    yield f"  ends: {path.ends or 'at the end of the sequence'}"
    yield f"  worst 7 days: up to {counted(len(week), 'mail')}{named}{_allowed(len(week), policy)}"
    for cap in _other_caps(policy):
        mails = len(crowded[cap.per.roughly()])
        if mails > cap.mails:
            yield f"  worst {cap.per}: up to {counted(mails, 'mail')}{_against(mails, cap)}"
    yield ""


def _summary(seen: Overview, policy: ContactPolicy) -> Iterator[str]:
    fewest, most = seen.mails
    yield f"{seen.paths:,} paths, more than {MOST_PATHS:,}: summarized, not listed"
    yield f"  length: {_length(seen.length, seen.open)}"
    yield f"  mails: {fewest} to {counted(most, 'mail')}"
    worst = seen.busiest(WEEK)
    yield f"  worst 7 days: up to {counted(worst, 'mail')}{_allowed(worst, policy)}"
    for cap in _other_caps(policy):
        mails = seen.busiest(cap.per.roughly())
        if mails > cap.mails:
            yield f"  worst {cap.per}: up to {counted(mails, 'mail')}{_against(mails, cap)}"


def _allowed(mails: int, policy: ContactPolicy) -> str:
    """What the contact policy says about a week, if it says anything."""
    return "".join(_against(mails, cap) for cap in policy.at_most if cap.per.roughly() == WEEK)


def _other_caps(policy: ContactPolicy) -> list[Cap]:
    return [cap for cap in policy.at_most if cap.per.roughly() != WEEK]


def _against(mails: int, cap: Cap) -> str:
    verdict = f"it would hold {mails - cap.mails} back" if mails > cap.mails else "fits"
    return f"; the contact policy allows {cap.mails} in {cap.per}: {verdict}"


def _length(found: Range, waits_for: frozenset[str]) -> str:
    least, most = _time(found.least), _time(found.most)
    (fewest, unit), (_, other) = least.split(), most.split()
    told = most if least == most else f"{fewest if unit.rstrip('s') == other.rstrip('s') else least} to {most}"
    beside = f", beside the wait for {' and '.join(sorted(waits_for))}" if waits_for else ""
    return f"{told}{beside}"


def _time(span: timedelta) -> str:
    if span < _HOUR:
        return counted(round(span.total_seconds() / 60), "minute") if span else "0 days"
    if span < _DAY:
        return counted(round(span / _HOUR), "hour")
    return counted(round(span / _DAY), "day")
