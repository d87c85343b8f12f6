"""Finding the one sequence that a command is about."""

from pathlib import Path

import click

from rapport.dsl.problem import as_text
from rapport.dsl.project import Project
from rapport.dsl.workspace import CheckedSequence, Workspace, load_workspace
from rapport.errors import NotFound


def one_sequence(name: str, folder: Path) -> tuple[CheckedSequence, Project] | None:
    """The sequence of this name and its project; None, once the mistakes were shown, when it has any.

    A mistake in another file of the folder is no reason not to look at this one. NotFound when there is no such file.
    """
    found = folder_of(folder, name)
    return None if found is None else (found[0].sequences[name], found[1])


def folder_of(folder: Path, *names: str) -> tuple[Workspace, Project] | None:
    """The folder that holds these sequences, and its project; None and NotFound as for one."""
    workspace = load_workspace(folder)
    missing = [name for name in names if name not in workspace.sequences]
    if workspace.project is not None and not missing:
        return workspace, workspace.project
    if workspace.project is None or workspace.has_errors:
        click.echo(as_text(workspace.problems))
        return None
    known = ", ".join(sorted(workspace.sequences)) or "none"
    raise NotFound(kind="sequence", name=missing[0], hint=f"Sequences in {folder}: {known}.")
