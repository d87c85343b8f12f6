"""Checking a folder with everything that we have: its files, every path through them, and every test case."""

from pathlib import Path

from rapport.dsl.workspace import Workspace, load_workspace
from rapport.usecases.walk_rules import WALK_RULES


def checked_folder(path: Path | str) -> Workspace:
    """Read and check a folder or one file of it, with the rules that walk; FileNotFoundError when there is neither."""
    return load_workspace(path, walking=WALK_RULES)
