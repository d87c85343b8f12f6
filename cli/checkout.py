"""The git checkout that a folder lies in."""

import shutil
import subprocess
from pathlib import Path

import click

_PATIENCE_SECONDS = 10


def commit_of(folder: Path) -> str:
    """The commit that the folder is at, `-dirty` behind it where the folder differs from it (as `git describe` says).

    UsageError for a folder outside of any checkout.
    """
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        message = f"git knows no commit of {folder}; name one: --commit HASH"
        raise click.UsageError(message)
    return f"{commit}-dirty" if _git(folder, "status", "--porcelain", "--", ".") else commit


def _git(folder: Path, *arguments: str) -> str:
    """What git prints; nothing where there is no git, or it has nothing to say."""
    git = shutil.which("git")
    if git is None:
        return ""
    asked = subprocess.run(  # noqa: S603  # git itself, with words of ours
        [git, "-C", str(folder), *arguments], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""
