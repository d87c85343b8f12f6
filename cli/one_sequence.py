"""Finding the one sequence that a command is about."""

from pathlib import Path

import click

from rapport.dsl.problem import as_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import CheckedSequence, load_workspace
from rapport.errors import NotFound


def one_sequence(name: str, folder: Path) -> tuple[CheckedSequence, Project] | None:
    """The sequence of this name and its project; None, once the mistakes were shown, when it has any.

    A mistake in another file of the folder is no reason not to look at this one. NotFound when there is no such file.
    """
    workspace = load_workspace(folder)
    if name in workspace.sequences and workspace.project is not None:
        return workspace.sequences[name], workspace.project
    if workspace.project is None or workspace.has_errors:
        click.echo(as_text(workspace.problems))
        return None
    known = ", ".join(sorted(workspace.sequences)) or "none"
    raise NotFound(kind="sequence", name=name, hint=f"Sequences in {folder}: {known}.")
