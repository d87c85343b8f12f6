"""`rapport fmt`, as marketers, editors and CI call it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.fmt import fmt
from cli.new import STARTERS, new

_SHIPPED = Path(__file__).parents[3] / "sequences"
_UNTIDY = "title:   Hello\nschema: 1\n"
_TIDY = "schema: 1\ntitle: Hello\n"


def _fmt(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(fmt, [str(argument) for argument in arguments], input=text, standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sequence that is tidy and one that is not."""
    (tmp_path / "tidy.yaml").write_text(_TIDY)
    (tmp_path / "untidy.yaml").write_text(_UNTIDY)
    return tmp_path


def test_a_folder_is_formatted_and_what_was_done_is_told(folder: Path) -> None:
    """Only what changes is named."""
    result = _fmt(folder)

    assert (0, _TIDY) == (result.return_value, (folder / "untidy.yaml").read_text())
    assert f"formatted: {folder}/untidy.yaml\n2 files: 1 formatted, 1 as it should be.\n" == result.output


def test_change_files_are_formatted_and_other_folders_are_not(tmp_path: Path) -> None:
    """YAML that is none of ours stays as it is."""
    for name in ("changes", "charts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text("from:   8a1c42\nsequence: welcome\n")

    _fmt(tmp_path)

    assert "sequence: welcome\nfrom: 8a1c42\n" == (tmp_path / "changes" / "a.yaml").read_text()
    assert "from:   8a1c42\nsequence: welcome\n" == (tmp_path / "charts" / "a.yaml").read_text()


def test_check_writes_nothing_and_fails_while_something_would_change(folder: Path) -> None:
    """For CI."""
    result = _fmt("--check", folder)

    assert (1, _UNTIDY) == (result.return_value, (folder / "untidy.yaml").read_text())
    assert f"would change: {folder}/untidy.yaml\n2 files: 1 would change, 1 as it should be.\n" == result.output
    assert 0 == _fmt("--check", folder / "tidy.yaml").return_value


def test_diff_shows_the_change_and_writes_nothing(folder: Path) -> None:
    """For a look before."""
    result = _fmt("--diff", folder)

    assert (0, _UNTIDY) == (result.return_value, (folder / "untidy.yaml").read_text())
    file = folder / "untidy.yaml"
    shown = f"--- {file}\n+++ {file} (formatted)\n@@ -1,2 +1,2 @@\n-title:   Hello\n schema: 1\n+title: Hello\n"
    assert shown == result.stdout


def test_standard_input_is_answered_on_standard_output() -> None:
    """For editors; the name says what kind of file it is."""
    result = _fmt("-", "--stdin-name", "a.test.yaml", text="starts: 2026-03-02 10:00 Europe/Berlin\nsequence: a\n")

    assert (0, "sequence: a\nstarts: 2026-03-02 10:00 Europe/Berlin\n") == (result.return_value, result.stdout)


def test_standard_input_that_cannot_be_read_comes_out_as_it_went_in() -> None:
    """An editor that replaces its text by our answer loses nothing."""
    result = _fmt("-", text="a: [\n")

    assert (1, "a: [\n") == (result.return_value, result.stdout)
    assert "[bad-yaml]" in result.stderr


def test_a_file_with_mistakes_of_yaml_is_named_and_left_alone(folder: Path) -> None:
    """The others are formatted all the same."""
    (folder / "broken.yaml").write_text("a: 1\na: 2\n")

    result = _fmt(folder)

    assert (1, "a: 1\na: 2\n", _TIDY) == (
        result.return_value,
        (folder / "broken.yaml").read_text(),
        (folder / "untidy.yaml").read_text(),
    )
    assert "broken.yaml:2:1" in result.stderr
    assert "3 files: 1 formatted, 1 as it should be, 1 with problems, left as it is." in result.output


def test_permissions_stay_and_nothing_else_is_left_behind(folder: Path) -> None:
    """The file is replaced as a whole, so that nobody ever reads half of one."""
    (folder / "untidy.yaml").chmod(0o640)

    _fmt(folder)

    assert 0o640 == (folder / "untidy.yaml").stat().st_mode & 0o777
    assert ["tidy.yaml", "untidy.yaml"] == sorted(path.name for path in folder.iterdir())


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A pull request cannot make the formatter write elsewhere."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.yaml"
    elsewhere.write_text(_UNTIDY)
    (folder / "link.yaml").symlink_to(elsewhere)

    result = _fmt(folder)

    assert (3, _UNTIDY) == (result.return_value, elsewhere.read_text())
    assert "is a link to a file outside" in result.stderr


def test_a_link_inside_the_folder_stays_a_link(folder: Path) -> None:
    """The file that it leads to is formatted."""
    (folder / "link.yaml").symlink_to(folder / "untidy.yaml")

    result = _fmt(folder / "link.yaml")

    assert (0, _TIDY, True) == (
        result.return_value,
        (folder / "untidy.yaml").read_text(),
        (folder / "link.yaml").is_symlink(),
    )


def test_a_fault_of_the_formatter_costs_nobody_a_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it wrote is read again before the file is touched."""
    monkeypatch.setattr("rapport.dsl.layout.layout.write_document", lambda *_: "schema: 1\n")

    result = _fmt(folder)

    assert (3, _UNTIDY) == (result.return_value, (folder / "untidy.yaml").read_text())
    assert "would not say the same after formatting" in result.stderr


@pytest.mark.parametrize(
    "name", ["my-flow", "2026", "null", "a-name-that-is-as-long-as-a-name-may-be-which-is-60-letters-x"]
)
@pytest.mark.parametrize("starter", STARTERS)
def test_what_new_writes_is_in_the_layout(starter: str, name: str, tmp_path: Path) -> None:
    """A new sequence needs no formatting before its first commit."""
    (tmp_path / "project.yaml").write_text((_SHIPPED / "project.yaml").read_text())
    CliRunner().invoke(new, [starter, name, "--in", str(tmp_path)], standalone_mode=False)

    result = _fmt("--check", tmp_path)

    assert (0, "3 files: 3 as it should be.\n") == (result.return_value, result.output)
