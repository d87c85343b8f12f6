"""`publish`, `import`, `enroll`, `show`: from a folder and a CSV file to a person's timeline."""

import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.checkout import commit_of
from cli.main import rapport

_HERE = Path(__file__).parents[2]
_SEQUENCES = str(_HERE / "sequences")
_HI = "schema: 1\ntitle: Hi\nowner: nobody\npurpose: nurture\nsteps: [{id: a, sned: b}]\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner of commands in an installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path / "state"))
    return CliRunner()


def _do(run: CliRunner, *arguments: str) -> tuple[object, str]:
    result = run.invoke(rapport, arguments, standalone_mode=False)
    if result.exception is not None:
        return type(result.exception).__name__, str(result.exception)
    return result.return_value, result.output


def test_publishing_twice_changes_nothing(run: CliRunner) -> None:
    """A pull request that is merged is published; doing it again is harmless."""
    first = _do(run, "publish", _SEQUENCES, "--commit", "c0ffee")
    second = _do(run, "publish", _SEQUENCES, "--commit", "c0ffee")

    assert (0, 0) == (first[0], second[0])
    assert "new       sequence welcome-engineering" in first[1]
    assert "new" not in second[1]


def test_publishing_from_a_checkout_notes_its_commit(run: CliRunner, tmp_path: Path) -> None:
    """Nobody has to look the commit up, and a change that is not committed shows."""
    folder = tmp_path / "sequences"
    shutil.copytree(_SEQUENCES, folder)
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@people.test"]
    outside = _do(run, "publish", str(folder))
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    committed = commit_of(folder)
    (folder / "more.md").write_text("more", encoding="utf-8")

    assert "--commit HASH" in outside[1]
    assert (head, f"{head}-dirty") == (committed, commit_of(folder))
    assert 0 == _do(run, "publish", str(folder))[0]


def test_a_folder_with_errors_is_not_published(run: CliRunner, tmp_path: Path) -> None:
    """What `check` refuses never reaches people."""
    (tmp_path / "hi.yaml").write_text(_HI, encoding="utf-8")

    code, output = _do(run, "publish", str(tmp_path), "--commit", "c0ffee")

    assert code == 1
    assert "Nothing was published." in output


@pytest.mark.parametrize(
    ("command", "outcome"), [("publish --commit c0ffee", "NoneType"), ("dev --sequences", "ConfigurationError")]
)
def test_warnings_are_said_where_their_folder_goes_live(
    run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, outcome: str
) -> None:
    """Whoever does not run `check` first hears as well that no mail would leave, and is not stopped by it."""
    _do(run, "new", "project", "Acme")
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that `dev` checks, and starts nothing
        monkeypatch.setenv("RAPPORT_API_PORT", str(taken.getsockname()[1]))
        result = run.invoke(rapport, (*command.split(), str(tmp_path / "sequences")), standalone_mode=False)

    assert "no mail will leave: the organization has no `postal_address` [no-postal-address]" in result.stderr
    assert outcome == type(result.exception).__name__


def test_importing_names_the_lines_with_problems(run: CliRunner, tmp_path: Path) -> None:
    """Good rows are in, and bad ones are easy to find."""
    _do(run, "publish", _SEQUENCES, "--commit", "c0ffee")
    file = tmp_path / "people.csv"
    file.write_text("email,first_name\nada@people.test,Ada\nnonsense,Bo\n", encoding="utf-8")

    code, output = _do(run, "import", str(file))

    assert code == 1
    assert f"{file}:3:" in output
    assert "1 added" in output


def test_a_dry_run_of_an_import_is_readable_by_people_and_programs(run: CliRunner, tmp_path: Path) -> None:
    """What would be, with lines and reasons, and that nothing was written; two records are merged by hand."""
    _do(run, "publish", _SEQUENCES, "--commit", "c0ffee")
    file = tmp_path / "people.csv"
    file.write_text("email\nada@people.test\nada@home.test\nnonsense\n", encoding="utf-8")

    code, text = _do(run, "import", str(file), "--dry-run")
    _, tree = _do(run, "import", str(file), "--dry-run", "--format", "json")
    _do(run, "import", str(file))
    merged = _do(run, "merge", "ada@people.test", "ada@home.test", "--yes")
    _, again = _do(run, "import", str(file))

    assert (1, 0) == (code, merged[0])
    assert "2 would be added, 0 would be changed, 0 unchanged, 0 conflicts, 1 refused." in text
    assert "Nothing was written." in text
    assert ([4], True) == ([each["line"] for each in json.loads(tree)["refused"]], json.loads(tree)["dry_run"])
    assert "They are one now" in merged[1]
    assert "0 added, 0 changed, 2 unchanged" in again
    assert "Nothing has changed." in again


def test_a_person_is_enrolled_by_address_and_shown(run: CliRunner, tmp_path: Path) -> None:
    """From a CSV file to a timeline with four commands."""
    _do(run, "publish", _SEQUENCES, "--commit", "c0ffee")
    file = tmp_path / "people.csv"
    file.write_text("email,first_name,consent\nada@people.test,Ada,nurture\n", encoding="utf-8")
    _do(run, "import", str(file), "--source", "fair", "--consent-basis", "consent")

    code, walk = _do(run, "enroll", "talent-nurture", "ada@people.test")
    shown = _do(run, "show", walk.strip())
    again = _do(run, "enroll", "talent-nurture", "ada@people.test")

    assert (0, 0) == (code, shown[0])
    assert "enrolled in talent-nurture: command line" in shown[1]
    assert "Refused" == again[0]


def test_an_api_key_is_printed_once(run: CliRunner) -> None:
    """A second key of the same name would leave nobody knowing which one is used."""
    code, key = _do(run, "api", "--new-key", "career-site")
    again = _do(run, "api", "--new-key", "career-site")

    assert (0, "Refused") == (code, again[0])
    assert key.startswith("rapport_")
