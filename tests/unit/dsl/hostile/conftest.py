"""A scale that is warm, and a folder that something hostile is laid into."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weighing import ROOT, Scales

GOOD = ROOT / "tests" / "sequences" / "good"


@pytest.fixture(scope="module")
def scales() -> Iterator[Scales]:
    """A warm process, shared by the tests of a file."""
    with Scales.ready() as ready:
        yield ready


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the project and the mails of the good sequences."""
    project = (GOOD / "project.yaml").read_text(encoding="utf-8")
    complete = project.replace("language: en}", "language: en, postal_address: Musterstr. 1}")
    (tmp_path / "project.yaml").write_text(complete, encoding="utf-8")
    shutil.copytree(GOOD / "mails", tmp_path / "mails")
    return tmp_path
