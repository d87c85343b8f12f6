"""The tree that the house rules are about."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_CODE = ("rapport", "workflows", "activities", "worker", "api", "cli")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return _ROOT


@pytest.fixture(scope="session")
def code_folders() -> Sequence[Path]:
    """The six code packages at the top."""
    return [_ROOT / name for name in _CODE]


@pytest.fixture(scope="session")
def code_files(code_folders: Sequence[Path]) -> Sequence[Path]:
    """Every Python file that we write by hand and ship; migrations are generated."""
    found = sorted(path for folder in code_folders for path in folder.rglob("*.py"))
    return [path for path in found if "versions" not in path.parts]


@pytest.fixture(scope="session")
def committed_files() -> Sequence[Path]:
    """Every file that is in git or would be added to it."""
    if shutil.which("git") is None or not (_ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(name for name in listing.stdout.split("\0") if name)
    return [path for path in map(_ROOT.joinpath, names) if path.is_file()]
