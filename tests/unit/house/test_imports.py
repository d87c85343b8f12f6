"""Imports go one way, and the rule that says so covers everything."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest


@pytest.fixture(scope="module")
def contracts(root: Path) -> dict[str, Any]:
    """The import-linter section of pyproject.toml."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    section: dict[str, Any] = pyproject["tool"]["importlinter"]
    return section


def _broken(tree: Path) -> str:
    """What import-linter says of a tree; empty when all contracts are kept."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    environ = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"}
    result = subprocess.run(command, cwd=tree, env=environ, check=False, capture_output=True, text=True)
    return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.fixture
def copy(root: Path, code_folders: Sequence[Path], tmp_path: Path) -> Path:
    """A copy of the code that a test may spoil."""
    for folder in code_folders:
        copytree(folder, tmp_path / folder.name, ignore=ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_every_code_package_is_under_contract(contracts: dict[str, Any], code_folders: Sequence[Path]) -> None:
    """A package at the top that no contract knows could import anything."""
    assert {folder.name for folder in code_folders} == set(contracts["root_packages"])


def test_every_top_level_package_with_code_is_known(root: Path, code_folders: Sequence[Path]) -> None:
    """A new folder of code at the top must take its place: in the contracts, the wheel and these tests."""
    packages = {path.parent.name for path in root.glob("[a-z]*/__init__.py")}

    assert packages - {"schemas"} == {folder.name for folder in code_folders}


@pytest.mark.parametrize(
    ("place", "line", "broken"),
    [
        ("rapport/clock.py", "import temporalio.client", "The core knows nothing of Temporal"),
        ("rapport/engine/lot.py", "import rapport.store.database", "Walks reach the world through ports only"),
        ("rapport/stray.py", "", "a new folder or file must take its place"),
        ("workflows/__init__.py", "import worker", "One way"),
        ("api/__init__.py", "import yaml", "Only the language reads YAML"),
    ],
)
def test_a_wrong_import_is_named(copy: Path, place: str, line: str, broken: str) -> None:
    """Each contract fails for the import that it is there to stop, and says which contract it was."""
    path = copy / place
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")

    said = _broken(copy)

    assert [row for row in said.splitlines() if broken in row and row.endswith("BROKEN")], said
