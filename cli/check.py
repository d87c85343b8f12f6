"""`rapport check`: what is wrong with sequences, before anybody is in them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS, EXIT_TOOL_FAULT
from rapport.dsl.problem import Problem, as_json, as_text, in_order
from rapport.dsl.workspace import Workspace, load_workspace


@click.command(short_help="Check sequences, mails and test files.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Let warnings fail the check as well.")
def check(paths: Sequence[Path], form: str, *, strict: bool) -> None:
    """Check folders or single files; PATHS is `sequences` unless written.

    Exit code: 0 clean, 1 problems, 2 wrong use, 3 the tool itself failed.
    """
    try:
        workspaces = [load_workspace(path) for path in paths or [_default()]]
    except OSError as error:
        click.echo(f"{error.filename or 'a file'} cannot be read: {error.strerror}. Check its permissions.", err=True)
        click.get_current_context().exit(EXIT_TOOL_FAULT)
    problems = in_order(problem for workspace in workspaces for problem in workspace.problems)
    if form == "json":
        click.echo(as_json(problems))
    else:
        click.echo("\n".join(filter(None, [as_text(problems), _verdict(workspaces, problems)])))
    click.get_current_context().exit(EXIT_PROBLEMS if _fails(problems, strict=strict) else EXIT_OK)


def _default() -> Path:
    path = Path("sequences")
    if not path.is_dir():
        message = "there is no folder `sequences` here; name a folder or a file to check"
        raise click.UsageError(message)
    return path


def _fails(problems: Iterable[Problem], *, strict: bool) -> bool:
    return any(strict or problem.severity == "error" for problem in problems)


def _verdict(workspaces: Iterable[Workspace], problems: Sequence[Problem]) -> str:
    files = sum(workspace.files for workspace in workspaces)
    errors = sum(problem.severity == "error" for problem in problems)
    parts = [_count(errors, "error"), _count(len(problems) - errors, "warning")]
    found = " and ".join(part for part in parts if part)
    return f"{_count(files, 'file')} checked: {found or 'no problems'}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
