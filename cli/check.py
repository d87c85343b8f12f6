"""`rapport check`: what is wrong with sequences, before anybody is in them."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import click

from cli.check_report import Form, check_report
from cli.exits import EXIT_OK, EXIT_PROBLEMS, EXIT_TOOL_FAULT
from cli.mending import mend_files
from rapport.dsl.problem import Problem, in_order
from rapport.dsl.workspace import Workspace, load_workspace
from rapport.usecases.checked_folder import checked_folder


@click.command(short_help="Check sequences, mails and test files.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Form)),
    help="How to print problems; text unless written, with notes on lines when GITHUB_ACTIONS is true.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check as well.")
@click.option("--fix", "mends", is_flag=True, help="Mend what is mechanical first, and say what was changed.")
def check(paths: Sequence[Path], form: Form | None, *, strict: bool, mends: bool) -> None:
    """Check folders or single files; PATHS is `sequences` unless written.

    Exit code: 0 clean, 1 problems, 2 wrong use, 3 the tool itself failed.
    """
    try:
        if mends:
            _mend(paths or [_default()])
        workspaces = [_checked(path) for path in paths or [_default()]]
    except OSError as error:
        click.echo(f"{error.filename or 'a file'} cannot be read: {error.strerror}. Check its permissions.", err=True)
        click.get_current_context().exit(EXIT_TOOL_FAULT)
    problems = in_order(problem for workspace in workspaces for problem in workspace.problems)
    files = sorted({file for workspace in workspaces for file in workspace.files})
    click.echo(check_report(form, problems, files, strict=strict, environ=os.environ))
    click.get_current_context().exit(EXIT_PROBLEMS if _fails(problems, strict=strict) else EXIT_OK)


def _mend(paths: Sequence[Path]) -> None:
    """Mend until nothing mechanical is left; what was done goes to standard error, beside any format."""
    for line in mend_files(lambda: [problem for path in paths for problem in load_workspace(path).problems]):
        click.echo(line, err=True)


def _default() -> Path:
    path = Path("sequences")
    if not path.is_dir():
        message = "there is no folder `sequences` here; name a folder or a file to check"
        raise click.UsageError(message)
    return path


def _checked(path: Path) -> Workspace:
    """Check a folder or file; what holds nothing for the check is refused, not called free of problems."""
    workspace = checked_folder(path)
    if not workspace.files and not workspace.problems:
        message = f"there is nothing to check in {path}; name a folder of sequences, or a sequence, test or mail"
        raise click.UsageError(message)
    return workspace


def _fails(problems: Iterable[Problem], *, strict: bool) -> bool:
    return any(strict or problem.severity == "error" for problem in problems)
