"""`rapport import`: candidates from a list."""

import gc
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

import click
from rich.console import Console
from rich.progress import Progress

from cli.exits import EXIT_OK, EXIT_PROBLEMS
from cli.installation import Installation, run
from rapport.dsl.wording import counted
from rapport.errors import BadInput
from rapport.usecases.csv_rows import RowProblem
from rapport.usecases.import_people import ImportReport
from rapport.usecases.import_people import import_people as import_all
from rapport.usecases.importing.layouts import LAYOUTS
from rapport.usecases.people_csv import Defaults

# A list of a million broken rows is not read by anybody.
_MOST_SHOWN: Final = 200
_STDIN: Final = Path("-")


@click.command("import", short_help="Read candidates from a CSV or JSON Lines file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be new, changed, in conflict or refused; write nothing.")
@click.option("--layout", type=click.Choice(sorted(LAYOUTS)), help="Whose columns these are; else the header says it.")
@click.option("--source", default="", help="Where rows come from that do not say it, such as a fair.")
@click.option(
    "--consent", multiple=True, metavar="PURPOSE", help="To what the people of rows agreed that do not say it."
)
@click.option("--consent-basis", default="", help="On which basis, where a row does not say it.")
@click.option("--consent-text", default="", help="The words that they agreed to, where a row does not say them.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def import_people(
    file: Path,
    *,
    dry_run: bool,
    layout: str | None,
    source: str,
    consent: tuple[str, ...],
    consent_basis: str,
    consent_text: str,
    form: str,
) -> int:
    """Import FILE: good rows are stored, bad ones are named by their line; a second time changes nothing.

    FILE is CSV or JSON Lines; `-` reads what is piped in. The columns are our own or those of Greenhouse, Lever,
    LinkedIn Recruiter or LinkedIn Talent Hub. Who has no consent with its source and basis is stored and gets no mail.
    An import that was interrupted is simply begun anew.

    Exit code: 0 all rows are in, 1 some lines have problems.
    """
    defaults = Defaults(source=source, consent=consent, basis=consent_basis, text=consent_text)

    async def work(here: Installation) -> ImportReport:
        # What is loaded by now stays; looking through it for garbage again and again took a tenth of the time.
        gc.freeze()
        with _opened(file) as raw, _bar(file, raw) as progress, _named(file):
            return await import_all(
                here.store,
                here.clock,
                raw,
                pepper=here.settings.pepper,
                layout=layout,
                defaults=defaults,
                dry_run=dry_run,
                progress=progress,
            )

    report = run(work)
    (_show_json if form == "json" else _show)(file, report, dry_run=dry_run)
    return EXIT_PROBLEMS if report.problems or report.conflicts else EXIT_OK


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or a copy of what is piped in: it is read twice to tell its encoding."""
    if file != _STDIN and file.is_file():
        with file.open("rb") as raw:
            yield raw
        return
    with TemporaryFile() as copy, nullcontext(sys.stdin.buffer) if file == _STDIN else file.open("rb") as pipe:
        shutil.copyfileobj(pipe, copy)
        copy.seek(0)
        yield copy


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Name the file beside the line."""
    try:
        yield
    except BadInput as error:
        if not error.place.startswith("line "):
            raise
        place = f"{file}:{error.place.removeprefix('line ')}"
        message = error.message.removeprefix(f"{error.place}: ")
        raise BadInput(place=place, message=message, hint=error.hint) from error


@contextmanager
def _bar(file: Path, raw: BinaryIO) -> Iterator[Callable[[int], None] | None]:
    """How much of the file has been read; only for somebody who looks."""
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(file.name, total=os.fstat(raw.fileno()).st_size)
        yield lambda read: bar.update(task, completed=read)


def _show(file: Path, report: ImportReport, *, dry_run: bool) -> None:
    if report.warning:
        click.echo(f"{file}: {report.warning}", err=True)
    if report.left_out:
        click.echo(f"{file}:1: left out: {', '.join(report.left_out)}", err=True)
    _show_problems(file, "left out", report.nameless)
    _show_problems(file, "refused", report.problems)
    _show_problems(file, "conflict", report.conflicts)
    would = "would be " if dry_run else ""
    begun = "." if dry_run else f"; {counted(report.started, 'walk')} begun."
    click.echo(
        f"{report.added} {would}added, {report.changed} {would}changed, {report.unchanged} unchanged, "
        f"{counted(len(report.conflicts), 'conflict')}, {len(report.problems)} refused{begun}"
    )
    if report.without_consent:
        click.echo(
            f"{report.without_consent} of the people without consent, source and basis: stored, but never mailed. "
            "Where it is the same for all, say it: --consent, --consent-basis, --source."
        )
    if report.problems or report.conflicts:
        click.echo("Correct the rows named above and import the file again: what is stored is found, and stays.")
    if dry_run:
        click.echo("Nothing was written. Import for real without --dry-run.")
    elif not (report.added or report.changed):
        click.echo("Nothing has changed.")


def _show_problems(file: Path, word: str, problems: Sequence[RowProblem]) -> None:
    for problem in problems[:_MOST_SHOWN]:
        text = f"{problem.column}: {problem.reason}" if problem.column else problem.reason
        click.echo(f"{file}:{problem.line}: {word}: {text}", err=True)
    if len(problems) > _MOST_SHOWN:
        click.echo(f"{file}: {len(problems) - _MOST_SHOWN} more {word}; --format json shows all", err=True)


def _show_json(file: Path, report: ImportReport, *, dry_run: bool) -> None:
    tree: dict[str, Any] = {"file": str(file), "dry_run": dry_run, **asdict(report)}
    tree["refused"] = tree.pop("problems")
    click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
