"""`rapport fmt`: one layout for everybody, so that a review shows what has changed and nothing else."""

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cli.exits import EXIT_OK, EXIT_PROBLEMS, EXIT_TOOL_FAULT
from rapport.dsl.layout.files import replace_text, yaml_files
from rapport.dsl.layout.layout import Laid, MeaningChangedError, lay_out
from rapport.dsl.layout.order import kind_of
from rapport.dsl.problem import as_text
from rapport.dsl.wording import counted
from rapport.errors import Refused

_STDIN = Path("-")
# One more than the loader reads, so that it can say that there was more.
_MOST_BYTES = 256 * 1024 + 1


@dataclass
class _Outcome:
    """What became of the files."""

    same: int = 0
    other: int = 0
    unreadable: int = 0
    faults: int = 0

    def code(self, *, check: bool) -> int:
        if self.faults:
            return EXIT_TOOL_FAULT
        return EXIT_PROBLEMS if self.unreadable or (check and self.other) else EXIT_OK


@click.command(short_help="Write sequences, tests and project files in the one layout.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", "only_checks", is_flag=True, help="Write nothing; exit 1 and list what would change.")
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; print the changes as a unified diff.")
@click.option("--stdin-name", default="sequence.yaml", show_default=True, help="What the file read from `-` is called.")
def fmt(paths: Sequence[Path], stdin_name: str, *, only_checks: bool, shows_diff: bool) -> int:
    """Format folders or single files; PATHS is `sequences` unless written, `-` reads standard input.

    Values, comments and versions stay as they are. Exit code: 0 done, 1 a file cannot be read (or, with --check, would
    change), 2 wrong use, 3 the tool itself failed.
    """
    if _STDIN in paths:
        return _filter(paths, Path(stdin_name), only_checks=only_checks, shows_diff=shows_diff)
    outcome = _Outcome()
    writes = not only_checks and not shows_diff
    for path in paths or [_default()]:
        if not path.is_file() and not path.is_dir():  # a pipe that nobody writes to would be read for ever
            message = f"there is no {path}; name a folder or a file to format"
            raise click.UsageError(message)
        for file in yaml_files(path):
            root = path if path.is_dir() else path.parent
            _format(file, root, outcome, writes=writes, shows_diff=shows_diff)
    click.echo(_verdict(outcome, writes=writes), err=shows_diff)
    return outcome.code(check=only_checks)


def _default() -> Path:
    path = Path("sequences")
    if not path.is_dir():
        message = "there is no folder `sequences` here; name a folder or a file to format"
        raise click.UsageError(message)
    return path


def _filter(paths: Sequence[Path], name: Path, *, only_checks: bool, shows_diff: bool) -> int:
    """Standard input to standard output, as editors want it; a file that cannot be read comes out as it went in."""
    if len(paths) > 1:
        message = "`-` stands alone"
        raise click.UsageError(message)
    data = sys.stdin.buffer.read(_MOST_BYTES)
    outcome = _Outcome()
    laid = _laid(data, name, outcome)
    if shows_diff:
        _show_diff(data, laid, name)
    elif not only_checks:
        sys.stdout.buffer.write(data if laid is None or laid.text is None else laid.text.encode())
    return outcome.code(check=only_checks)


def _format(file: Path, root: Path, outcome: _Outcome, *, writes: bool, shows_diff: bool) -> None:
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES)
        before = outcome.other
        laid = _laid(data, file, outcome)
        if laid is None or laid.text is None or outcome.other == before:
            return
        if writes:
            replace_text(file, laid.text, root=root)
    except (OSError, Refused) as error:
        outcome.faults += 1
        click.echo(f"{file}: {error.strerror if isinstance(error, OSError) else error}", err=True)
        return
    if shows_diff:
        _show_diff(data, laid, file)
    else:
        click.echo(f"{'formatted' if writes else 'would change'}: {file}")


def _laid(data: bytes, file: Path, outcome: _Outcome) -> Laid | None:
    """The file in its layout, counted and with its problems told; None when the tool itself is at fault."""
    try:
        laid = lay_out(data, str(file), kind_of(file))
    except MeaningChangedError as fault:
        outcome.faults += 1
        click.echo(str(fault), err=True)
        return None
    if laid.text is None:
        outcome.unreadable += 1
        click.echo(as_text(laid.problems), err=True)
    elif laid.text.encode() == data:
        outcome.same += 1
    else:
        outcome.other += 1
    return laid


def _show_diff(data: bytes, laid: Laid | None, file: Path) -> None:
    if laid is None or laid.text is None:
        return
    before, after = data.decode().splitlines(keepends=True), laid.text.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, f"{file}", f"{file} (formatted)"):
        click.echo(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", nl=False)


def _verdict(outcome: _Outcome, *, writes: bool) -> str:
    parts = [
        (outcome.other, "formatted" if writes else "would change"),
        (outcome.same, "as it should be"),
        (outcome.unreadable, "with problems, left as it is"),
        (outcome.faults, "failed"),
    ]
    total = sum(count for count, _ in parts)
    found = ", ".join(f"{count} {what}" for count, what in parts if count)
    return f"{counted(total, 'file')}{': ' if found else ''}{found}."
