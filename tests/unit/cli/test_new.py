"""`rapport new`, as a marketer calls it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.check import check
from cli.new import STARTERS, new
from cli.test import test as run_tests
from rapport.dsl.workspace import load_workspace
from rapport.errors import BadInput, ConfigurationError, NotFound, Refused

_SHIPPED = Path(__file__).parents[3] / "sequences"
_OTHER_PROJECT = """
schema: 1
organization: {name: Other, zone: Europe/Berlin, country: DE, postal_address: "Musterstr. 1"}
people: {mia: {name: Mia, email: mia@other.example}}
senders: {mia: {name: Mia, email: mia@mail.other.example}}
windows: {daytime: {between: ["08:00", "18:00"]}}
pools: {friends: {title: Friends}}
consent: {purposes: {letters: {title: Letters}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the shipped project."""
    (tmp_path / "project.yaml").write_text((_SHIPPED / "project.yaml").read_text())
    return tmp_path


def _new(*arguments: str, folder: Path) -> Result:
    return CliRunner().invoke(new, [*arguments, "--in", str(folder)], standalone_mode=False)


@pytest.mark.parametrize("name", ["my-flow", "2026", "null"])
@pytest.mark.parametrize("starter", STARTERS)
def test_what_is_written_passes_check_and_test_at_once(starter: str, name: str, folder: Path) -> None:
    """A new sequence is green before the first change, without a warning, whatever it is called."""
    written = _new(starter, name, folder=folder)

    checked = CliRunner().invoke(check, [str(folder), "--strict"])
    tested = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert (0, 0, 0) == (written.return_value, checked.exit_code, tested.return_value), checked.output + tested.output
    assert "no case of" not in tested.output


@pytest.mark.parametrize("starter", STARTERS)
def test_starters_take_the_words_of_the_project_that_they_are_written_to(starter: str, folder: Path) -> None:
    """Another company has other senders, pools and purposes, and works on Sundays and at Easter."""
    (folder / "project.yaml").write_text(_OTHER_PROJECT)

    written = _new(starter, "my-flow", folder=folder)
    tested = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert (0, 0) == (written.return_value, tested.return_value), written.output + tested.output


def test_two_sequences_from_one_starter_stand_beside_each_other(folder: Path) -> None:
    """Their mails are their own."""
    _new("nurture", "one", folder=folder)

    result = _new("nurture", "two", folder=folder)

    assert result.return_value == 0
    assert (folder / "mails" / "one-welcome.md").exists()
    assert (folder / "mails" / "two-welcome.md").exists()


@pytest.mark.parametrize("there", ["my-flow.yaml", "my-flow.test.yaml", "mails/my-flow-nudge.md"])
def test_nothing_is_overwritten(there: str, folder: Path) -> None:
    """One file of that name is enough: it stays, and no other file is written."""
    (folder / "mails").mkdir()
    (folder / there).write_text("mine")

    result = _new("nurture", "my-flow", folder=folder)

    assert isinstance(result.exception, Refused)
    assert there in str(result.exception)
    assert "mine" == (folder / there).read_text()
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"project.yaml", there} == files


@pytest.mark.parametrize("name", ["My Flow", "../up", "a/b", "", "flow\n"])
def test_a_name_that_cannot_be_is_refused(name: str, folder: Path) -> None:
    """A name is a file's name, in this folder."""
    result = _new("nurture", name, folder=folder)

    assert isinstance(result.exception, BadInput)
    assert ["project.yaml"] == [path.name for path in folder.iterdir()]


def test_an_unknown_starter_is_answered_with_those_there_are(folder: Path) -> None:
    """The next step is to pick one of them."""
    result = _new("nurtur", "my-flow", folder=folder)

    assert isinstance(result.exception, NotFound)
    assert "consent-renewal" in str(result.exception)


@pytest.mark.parametrize("place", [".", "not-yet"])
def test_a_folder_without_a_project_is_refused(tmp_path: Path, place: str) -> None:
    """Senders and purposes come from project.yaml; the next step is to write one."""
    result = _new("nurture", "my-flow", folder=tmp_path / place)

    assert isinstance(result.exception, ConfigurationError)
    assert "rapport new project" in result.exception.hint
    assert not list(tmp_path.iterdir())


def test_a_project_of_ones_own_takes_every_starter(tmp_path: Path) -> None:
    """Two commands in an empty folder; all that is left to say is where the company can be found."""
    folder = tmp_path / "sequences"

    begun = [
        _new("project", 'Müller: "Söhne" #1', folder=folder),
        *(_new(n, f"my-{n}", folder=folder) for n in STARTERS),
    ]
    checked = CliRunner().invoke(check, [str(folder)])
    tested = CliRunner().invoke(run_tests, [str(folder)], standalone_mode=False)

    assert {0} == {each.return_value for each in begun}
    assert ["no-postal-address"] == re.findall(r"\[([a-z-]+)\]$", checked.output, re.MULTILINE)
    assert 0 == tested.return_value, tested.output
    project = load_workspace(folder).project
    assert project is not None
    assert 'Müller: "Söhne" #1' == project.organization.name


@pytest.mark.parametrize("company", ["", " ", "two\nlines"])
def test_a_company_has_a_name_on_one_line(company: str, tmp_path: Path) -> None:
    """It stands below every mail."""
    result = _new("project", company, folder=tmp_path / "sequences")

    assert isinstance(result.exception, BadInput)
    assert not list(tmp_path.iterdir())


def test_a_project_that_is_there_stays(folder: Path) -> None:
    """A second beginning overwrites nothing."""
    before = (folder / "project.yaml").read_text()

    result = _new("project", "Acme", folder=folder)

    assert isinstance(result.exception, Refused)
    assert before == (folder / "project.yaml").read_text()


def test_the_starters_are_listed(tmp_path: Path) -> None:
    """Every starter that is there, with what it is for; no folder is needed to look."""
    result = _new("--list", folder=tmp_path / "not-yet")
    there = {path.name for path in (Path(__file__).parents[3] / "cli" / "starters").iterdir() if path.is_dir()}

    assert there == {line.split()[0] for line in result.output.splitlines()}
