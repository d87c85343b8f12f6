"""The application is one set of packages, and they are ours."""

import importlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["rapport", "workflows", "activities", "worker", "api", "cli", "schemas"])
def test_no_other_distribution_shadows_a_package(name: str, root: Path) -> None:
    """`workflows` and `api` are common names: another distribution that installs one of them is found out here."""
    module = importlib.import_module(name)

    found = Path(str(module.__file__)).resolve()
    assert found.is_relative_to(root), f"{name} comes from {found}: make a fresh .venv with `make setup`"


def test_the_wheel_holds_every_package(pyproject: dict[str, Any], code_folders: Sequence[Path]) -> None:
    """A new package at the top must be shipped, or the container lacks it."""
    shipped = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    expected = {folder.name for folder in code_folders} | {"schemas"}
    assert expected == set(shipped)


def test_the_image_holds_every_package(pyproject: dict[str, Any], root: Path) -> None:
    """The Dockerfile copies what the wheel is made of."""
    shipped = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = (root / "Dockerfile").read_text(encoding="utf-8")

    assert [name for name in shipped if f"COPY {name} {name}\n" not in copied] == []


def test_every_dependency_is_pinned(pyproject: dict[str, Any], root: Path) -> None:
    """What a fresh clone installs is what was tested."""
    pins = (root / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-")
    wanted = [*pyproject["project"]["dependencies"], *pyproject["project"]["optional-dependencies"]["dev"]]
    names = [item.split(">=")[0].split("[")[0].lower() for item in wanted]

    assert [name for name in names if f"{name}==" not in pins] == []


def test_the_ci_runs_make_test_and_nothing_else(root: Path) -> None:
    """Whoever runs `make test` has run the CI."""
    lines = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
