"""`rapport check` at the prompt."""

import errno
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from cli.check import check

GOOD = Path(__file__).parents[2] / "sequences" / "good"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a folder of good sequences, as the current directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
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


@pytest.mark.parametrize(
    "form",
    [
        [],
        ["--format", "text"],
        ["--format", "json"],
        ["--format", "sarif"],
        ["--format", "github"],
        ["--format", "junit"],
    ],
)
@pytest.mark.parametrize(("is_broken", "code"), [(False, 0), (True, 1)])
def test_every_format_has_the_same_exit_code(folder: Path, form: list[str], code: int, *, is_broken: bool) -> None:
    """CI goes by the exit code, whatever it does with the text."""
    if is_broken:
        misspell(folder)

    result = CliRunner().invoke(check, form)

    assert code == result.exit_code


def test_sarif_links_to_the_pages_of_this_commit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a code host, a finding leads to the rule's page as it was when it was found."""
    misspell(folder)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://code.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/nurture")
    monkeypatch.setenv("GITHUB_SHA", "3f9d07")

    result = CliRunner().invoke(check, ["--format", "sarif"])

    [run] = json.loads(result.output)["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert "https://code.example/acme/nurture/blob/3f9d07/docs/rules/unknown-step.md" == rule["helpUri"]


def test_junit_names_clean_files_too(folder: Path) -> None:
    """The CI server counts what was checked, not only what is wrong."""
    misspell(folder)

    result = CliRunner().invoke(check, ["--format", "junit"])

    [suite] = ET.fromstring(result.output)  # noqa: S314  # our own text
    assert ("9", "1") == (suite.attrib["tests"], suite.attrib["failures"])


def test_on_github_people_read_text_and_the_pull_request_gets_notes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log stays readable, and each note stands on its line."""
    misspell(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    result = CliRunner().invoke(check)

    lines = result.output.splitlines()
    assert lines[0].startswith("sequences/every-event.yaml:36:17: no step is called")
    assert 1 == sum(line.startswith("::error file=sequences/every-event.yaml,line=36,") for line in lines)
    assert "9 files checked: 1 error." == lines[-1]


def test_who_asks_for_a_format_gets_only_that(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that parses the output is not surprised by notes."""
    misspell(folder)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    result = CliRunner().invoke(check, ["--format", "json"])

    assert 1 == len(json.loads(result.output))


def test_one_file_is_checked_in_the_light_of_its_folder(folder: Path) -> None:
    """An editor or a commit hook names the files that were changed; mails are files too."""
    mail = folder / "mails" / "welcome.md"
    mail.write_text(mail.read_text() + "{{ candidate.fist_name }}\n")

    of_the_mail = CliRunner().invoke(check, [str(mail)])
    of_another = CliRunner().invoke(check, [str(folder / "mails" / "check-in.md")])

    assert (1, True) == (of_the_mail.exit_code, "[unknown-field]" in of_the_mail.output)
    assert (0, "1 file checked: no problems.\n") == (of_another.exit_code, of_another.output)


@pytest.mark.parametrize("name", ["README.md", "figures.csv", "mails"])
def test_what_cannot_be_checked_is_wrong_use(folder: Path, name: str) -> None:
    """A file that no check knows is not called free of problems."""
    for other in ("README.md", "figures.csv"):
        (folder / other).write_text("nothing for the check\n")

    result = CliRunner().invoke(check, [str(folder), str(folder / name)])

    assert 2 == result.exit_code
    assert f"there is nothing to check in {folder / name}" in result.output


def test_a_format_that_there_is_not_is_wrong_use(folder: Path) -> None:
    """The message lists the formats."""
    result = CliRunner().invoke(check, ["--format", "xml", str(folder)])

    assert 2 == result.exit_code
    assert "'sarif'" in result.output


@pytest.mark.usefixtures("folder")
def test_a_file_that_the_disk_refuses_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's sequence is wrong when the disk is."""

    def refuse(path: Path, **_: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    # Root can read every plain file, so the disk's answer is given here.
    monkeypatch.setattr("rapport.dsl.workspace.load_file", refuse)

    result = CliRunner().invoke(check)

    assert 3 == result.exit_code
    assert "cannot be read" in result.output


def test_a_name_in_another_encoding_is_told_all_the_same(folder: Path) -> None:
    """A file from an old machine is named as well as a terminal can."""
    (folder / "every-event.yaml").rename(folder / "\udcff.yaml")

    results = [CliRunner().invoke(check, ["--format", form]) for form in ("text", "json", "sarif", "github", "junit")]

    assert [1] * 5 == [result.exit_code for result in results]
    assert [True] * 5 == ["bad-name" in result.output for result in results]
