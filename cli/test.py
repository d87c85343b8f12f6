"""`rapport test`: run every case of every test file, and show where expectation and calendar part."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from cli.calendar_line import calendar_line
from cli.exits import EXIT_OK, EXIT_PROBLEMS
from rapport.dsl.loader import Loaded
from rapport.dsl.problem import as_text
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.engine.expectations import Verdict, judge


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option("--filter", "wanted", default="", help="Run only cases whose sequence or name contains this.")
@click.option("--why", is_flag=True, help="Show the trace of passing cases too.")
def test(path: Path, wanted: str, *, why: bool) -> int:
    """Run the cases of every *.test.yaml under PATH on a virtual clock.

    Exit 0 when all hold, 1 when one does not or when a file has a mistake.
    """
    workspace = load_workspace(path)
    if workspace.has_errors:
        click.echo(as_text(workspace.problems))
        return EXIT_PROBLEMS
    verdicts = [(file, place, verdict) for file, place, verdict in _run(workspace) if _is_wanted(wanted, file, verdict)]
    for file, place, verdict in verdicts:
        if why or not verdict.passed:
            click.echo("\n".join(_report(file, place, verdict)))
    failed = sum(not verdict.passed for _, _, verdict in verdicts)
    for line in _unreached(workspace, [verdict for _, _, verdict in verdicts]) if not wanted else ():
        click.echo(line)
    click.echo(f"{len(verdicts)} cases: {len(verdicts) - failed} passed, {failed} failed")
    if not verdicts:
        click.echo(f"No case was run: write {path}/<sequence>.test.yaml, or loosen --filter.")
    return EXIT_PROBLEMS if failed or not verdicts else EXIT_OK


def _run(workspace: Workspace) -> Iterator[tuple[Loaded, int, Verdict]]:
    if workspace.project is None:
        return
    for file in workspace.tests.values():
        checked = workspace.sequences[file.tree["sequence"]]
        for place, case in enumerate(file.tree["cases"]):
            yield file, place, judge(checked.plan, workspace.project, file.tree, case)


def _is_wanted(wanted: str, file: Loaded, verdict: Verdict) -> bool:
    return wanted in file.tree["sequence"] or wanted in verdict.case


def _report(file: Loaded, place: int, verdict: Verdict) -> Iterator[str]:
    calendar = verdict.calendar
    ends = calendar.ends or f"still waiting at {calendar.waiting_at}"
    mark = "ok  " if verdict.passed else "FAIL"
    yield f"{mark}  {file.tree['sequence']} / {verdict.case} ({len(calendar.mails)} mails, ends: {ends})"
    yield f"      {_place(file, 'cases', place)}"
    for index, message in calendar.wrong:
        where = _place(file, "cases", place, "when", index)
        yield f"      {where}: {message}; move it, or send the mail earlier"
    for row in verdict.rows:
        yield f"      {'ok ' if row.holds else '→  '} expected {row.expected:<40} got {row.got}"
    yield "      why:"
    for line in calendar.lines:
        yield f"        {calendar_line(calendar, line)}"
    yield ""


def _place(file: Loaded, *route: str | int) -> str:
    span = file.value(route)
    return f"{file.file}:{span.line}:{span.column}"


def _unreached(workspace: Workspace, verdicts: Iterable[Verdict]) -> Iterator[str]:
    reached: dict[str, set[str]] = {}
    for verdict in verdicts:
        sequence = verdict.calendar.scenario.plan.sequence
        reached.setdefault(sequence, set()).update(verdict.calendar.reached)
    for name, steps in reached.items():
        missed = [node.id for node in workspace.sequences[name].plan.nodes if node.id not in steps]
        if missed:
            yield f"note: no case of {name} reaches {', '.join(missed)}"
