"""`rapport import`: candidates from a CSV file."""

from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from rapport.usecases.import_people import ImportReport
from rapport.usecases.import_people import import_people as import_all


@click.command("import", short_help="Read candidates from a CSV file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_people(file: Path) -> int:
    """Import FILE: good rows are stored, bad ones are named by their line; a second time changes nothing.

    Exit code: 0 all rows are in, 1 some lines have problems.
    """

    async def work(here: Installation) -> ImportReport:
        with file.open("rb") as raw:
            return await import_all(here.store, here.clock, raw, pepper=here.settings.pepper)

    report = run(work)
    for problem in report.problems:
        column = f"{problem.column}: " if problem.column else ""
        click.echo(f"{file}:{problem.line}: {column}{problem.reason}", err=True)
    click.echo(
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{len(report.problems)} problems; {report.started} walks begun."
    )
    return EXIT_PROBLEMS if report.problems else EXIT_OK
