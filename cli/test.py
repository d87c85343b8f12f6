"""`rapport test`: run every case of every test file, and show where expectation and calendar part."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS, EXIT_TOOL_FAULT
from cli.test_cases import Case, Judged, find_cases
from cli.test_coverage import coverage_lines, coverages, unreached_lines
from cli.test_junit import as_json, write_junit
from cli.test_report import report
from rapport.dsl.problem import as_text
from rapport.dsl.wording import counted
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.engine.coverage import Coverage, total_percent


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path("sequences"))
@click.option("--filter", "wanted", default="", metavar="TEXT", help="Only cases whose sequence or name contains this.")
@click.option(
    "--engine",
    type=click.Choice(["simulator", "temporal"]),
    default="simulator",
    help="temporal: walk on a real Temporal server as well, and compare both.",
)
@click.option("--why", is_flag=True, help="Show the trace of passing cases too.")
@click.option("--coverage", "with_coverage", is_flag=True, help="Name steps and branches that no case goes through.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail below this coverage.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How results are printed.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to this file as well."
)
def test(
    path: Path,
    wanted: str,
    engine: str,
    form: str,
    fail_under: float | None,
    junit: Path | None,
    *,
    why: bool,
    with_coverage: bool,
) -> int:
    """Run the cases of every *.test.yaml under PATH, a folder or one file.

    Exit code: 0 all hold, 1 a case fails or a file has a mistake or coverage is too low, 3 the engines disagree.
    """
    workspace = load_workspace(path)
    if workspace.has_errors:
        click.echo(as_text(problem for problem in workspace.problems if problem.severity == "error"))
        return EXIT_PROBLEMS
    cases = find_cases(workspace, path, wanted)
    if not cases:
        click.echo(_no_case(workspace, path, wanted))
        return EXIT_PROBLEMS
    judged = _run(cases, engine)
    if junit is not None:
        write_junit(junit, judged)
    measured = coverages(workspace, judged, everything=path.is_dir() and not wanted)
    if form == "json":
        click.echo(as_json(judged))
    else:
        notes = coverage_lines if with_coverage else unreached_lines if not wanted else _no_notes
        _say([line for one in judged if why or not one.passed for line in report(one)])
        _say(notes(workspace, measured))
        click.echo(_counted(judged))
    return _exit_code(judged, total_percent(measured), fail_under)


def _run(cases: Sequence[Case], engine: str) -> Sequence[Judged]:
    judged = [case.judge() for case in cases]
    if engine == "simulator":
        return judged
    from cli.rehearsal.run import rehearse  # noqa: PLC0415  # loads Temporal and the store, which `test` can do without

    return rehearse(judged)


def _no_case(workspace: Workspace, path: Path, wanted: str) -> str:
    if not workspace.tests:
        return (
            f"No case was run: there is no test file. Write {path}/<sequence>.test.yaml; `rapport new` writes one too."
        )
    names = ", ".join(sorted(workspace.tests))
    return f"No case was run: neither a sequence nor a case contains {wanted!r}. There are tests of {names}."


def _no_notes(_: Workspace, __: Sequence[Coverage]) -> Sequence[str]:
    """A selection of cases reaches only a part, which says nothing."""
    return ()


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _counted(judged: Sequence[Judged]) -> str:
    failed = sum(not one.passed for one in judged)
    where = " on both engines" if all(one.real is not None for one in judged) else ""
    return f"{counted(len(judged), 'case')}{where}: {len(judged) - failed} passed, {failed} failed"


def _exit_code(judged: Sequence[Judged], percent: float, fail_under: float | None) -> int:
    if not all(one.agrees for one in judged):
        return EXIT_TOOL_FAULT
    if fail_under is not None and percent < fail_under:
        click.echo(
            f"{percent:.1f}% of steps and branches are covered, and --fail-under asks for {fail_under:g}%", err=True
        )
        return EXIT_PROBLEMS
    return EXIT_OK if all(one.passed for one in judged) else EXIT_PROBLEMS
