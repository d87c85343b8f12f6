"""Which files the layout changes: none of ours, none that it cannot read, and none in what the check says of it."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from rapport.dsl.layout.layout import lay_out
from rapport.dsl.layout.order import kind_of
from rapport.dsl.workspace import load_workspace
from tests.unit.dsl.laid_out import laid_out

_ROOT = Path(__file__).parents[3]
_SHIPPED = sorted((_ROOT / "sequences").glob("*.yaml")) + sorted((_ROOT / "docs" / "story").glob("*.yaml"))


@pytest.mark.parametrize("path", _SHIPPED, ids=lambda path: path.name)
def test_what_we_ship_is_in_the_layout(path: Path) -> None:
    """Who starts from our files and formats them changes nothing."""
    laid = lay_out(path.read_bytes(), path.name, kind_of(path))

    assert path.read_text(encoding="utf-8") == laid.text


def test_windows_line_breaks_tabs_behind_values_and_marks_go() -> None:
    """A file from another machine becomes like every other."""
    laid = lay_out(b"\xef\xbb\xbf---\r\nschema: 1\t\r\ntitle:   Hello  \r\n...\r\n", "file.yaml", "sequence")

    assert laid.text == "schema: 1\ntitle: Hello\n"


def test_a_file_that_cannot_be_read_is_left_alone() -> None:
    """What we do not understand we do not touch."""
    laid = lay_out(b"schema: 1\nschema: 2\n", "file.yaml", "sequence")

    assert (None, ["duplicate-key"]) == (laid.text, [problem.rule for problem in laid.problems])


@pytest.mark.parametrize("text", ["", "# only a remark\n", "[]\n", "7\n", "- a\n- b: c\n"])
def test_files_of_another_form_have_a_layout_too(text: str) -> None:
    """Nothing is too empty or too strange to be formatted."""
    assert text == laid_out(text)


@pytest.mark.parametrize("folder", ["good", "bad"])
def test_the_check_says_the_same_before_and_after(folder: str, tmp_path: Path) -> None:
    """Formatting neither mends nor breaks anything, and keeps what was allowed on a line."""
    before = _ROOT / "tests" / "sequences" / folder
    after = Path(shutil.copytree(before, tmp_path / folder))
    for path in after.glob("*.yaml"):
        laid = lay_out(path.read_bytes(), path.name, kind_of(path))
        path.write_text(laid.text or path.read_text(encoding="utf-8"), encoding="utf-8")

    assert _said(before) == _said(after)


def _said(folder: Path) -> Counter[tuple[str, str]]:
    return Counter((Path(problem.file).name, problem.rule) for problem in load_workspace(folder).problems)
