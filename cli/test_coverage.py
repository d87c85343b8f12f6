"""What `rapport test` says about steps and branches that no case goes through."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from cli.test_cases import Judged, place_in, routes_of_steps
from rapport.dsl.workspace import CheckedSequence, Workspace
from rapport.engine.coverage import Coverage, Spot, coverage, total_percent
from rapport.engine.result import Result

_INDENT = "      "


def coverages(workspace: Workspace, judged: Sequence[Judged], *, everything: bool) -> list[Coverage]:
    """What the cases have covered of their sequences.

    With `everything`, of all sequences of the folder: one without a test is not covered at all.
    """
    results: dict[str, list[Result]] = defaultdict(list)
    for one in judged:
        results[one.case.sequence].append(one.real or one.verdict.calendar.result)
    wanted = sorted(workspace.sequences if everything else results)
    return [coverage(workspace.sequences[name].plan, results[name]) for name in wanted]


def coverage_lines(workspace: Workspace, measured: Sequence[Coverage]) -> Iterator[str]:
    """A line for each sequence, below it what was missed, and all of them together."""
    width = max((len(one.sequence) for one in measured), default=0)
    for one in measured:
        yield f"{one.sequence:<{width}}  {_share(one)}  {one.percent:3.0f}%"
        for spot in one.missed:
            yield f"{_INDENT}{_missed(workspace.sequences[one.sequence], spot)}"
    yield f"{'all':<{width}}  {total_percent(measured):.0f}% of steps and branches covered"


def unreached_lines(workspace: Workspace, measured: Sequence[Coverage]) -> Iterator[str]:
    """A line for each step that no case reaches, of the sequences that have a test."""
    tested = {file.tree["sequence"] for file in workspace.tests.values()}
    for one in measured:
        for spot in one.missed if one.sequence in tested else ():
            if spot.outcome is None:
                yield f"note: {_missed(workspace.sequences[one.sequence], spot)}"


def _share(one: Coverage) -> str:
    steps = [spot for spot in one.spots if spot.outcome is None]
    branches = [spot for spot in one.spots if spot.outcome is not None]
    missed = set(one.missed)
    return ", ".join(
        f"{sum(spot not in missed for spot in spots)} of {len(spots)} {name}"
        for spots, name in ((steps, "steps"), (branches, "branches"))
    )


def _missed(checked: CheckedSequence, spot: Spot) -> str:
    """`file:line:column: no case reaches nudge`, or for a branch `… takes nudge → else`."""
    route = routes_of_steps(checked)[spot.step]
    branch = {"then": ("then",), "else": ("else",)}.get(spot.outcome or "", ("split", spot.outcome or ""))
    place = place_in(checked.loaded, (*route, *branch) if spot.outcome else route)
    said = f"takes {spot.step} → {spot.outcome}" if spot.outcome else f"reaches {spot.step}"
    return f"{place}: no case {said}"
