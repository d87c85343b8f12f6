"""`rapport check` at the prompt."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.check import check

GOOD = Path(__file__).parents[2] / "sequences" / "good"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a folder of good sequences, as the current directory."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(GOOD, tmp_path / "sequences"))


def misspell(folder: Path) -> None:
    """Write `sned` for `send` once."""
    file = folder / "every-event.yaml"
    file.write_text(file.read_text().replace("send: welcome", "sned: welcome"))


def test_a_clean_folder_ends_with_0(folder: Path) -> None:
    """Nothing to say is said in one line."""
    result = CliRunner().invoke(check)

    assert (0, "9 files checked: no problems.\n") == (result.exit_code, result.output)
    assert folder.is_dir()


def test_a_misspelled_verb_ends_with_1(folder: Path) -> None:
    """The slip is shown at its token, with the word that was meant."""
    misspell(folder)

    result = CliRunner().invoke(check)

    assert 1 == result.exit_code
    message = 'sequences/every-event.yaml:36:17: no step is called "sned" — did you mean "send"? [unknown-step]'
    assert message == result.output.splitlines()[0]
    assert result.output.endswith("9 files checked: 1 error.\n")


def test_json_is_a_list_of_problems(folder: Path) -> None:
    """Programs get the same with the same names."""
    misspell(folder)

    result = CliRunner().invoke(check, ["--format", "json", "sequences"])

    [problem] = json.loads(result.output)
    assert ["file", "line", "column", "rule", "severity", "message", "help"] == list(problem)
    assert ("unknown-step", 36, 17, "error") == tuple(problem[key] for key in ("rule", "line", "column", "severity"))


@pytest.mark.parametrize(("flags", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_fail_only_a_strict_check(folder: Path, flags: list[str], code: int) -> None:
    """A warning is advice, unless you ask for more."""
    file = folder / "every-event.yaml"
    file.write_text(file.read_text() + "  - {id: hello-again, send: welcome, from: talent-team}\n")

    result = CliRunner().invoke(check, flags)

    assert code == result.exit_code
    assert "9 files checked: 1 warning." in result.output


def test_a_folder_that_is_not_there_is_wrong_use(folder: Path) -> None:
    """A typo in the path is not a problem of the sequences."""
    result = CliRunner().invoke(check, [str(folder / "missing")])

    assert 2 == result.exit_code


def test_no_folder_at_all_is_wrong_use(folder: Path) -> None:
    """The message says what to name."""
    shutil.rmtree(folder)

    result = CliRunner().invoke(check)

    assert 2 == result.exit_code
    assert "there is no folder `sequences` here" in result.output
