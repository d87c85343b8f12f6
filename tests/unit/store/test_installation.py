"""A new installation from its first command on, on each kind of database."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import rapport

ROOT = Path(__file__).parents[3]
PEOPLE = ROOT / "cli" / "demonstration" / "people.csv"


@pytest.fixture
def shell(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell in which the database is set, and nothing has been run."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", empty_database)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path))
    return CliRunner()


def run(shell: CliRunner, *words: str) -> str:
    """What a command prints, when it succeeds."""
    result = shell.invoke(rapport, words, standalone_mode=False, catch_exceptions=False)
    assert (0, result.output) == (result.return_value, result.output)
    return result.output


def test_from_an_empty_database_to_the_first_walk(shell: CliRunner) -> None:
    """Tables, sequences, people and an enrollment come by four commands, on SQLite and PostgreSQL alike."""
    count = len(PEOPLE.read_text(encoding="utf-8").splitlines()) - 1

    published = run(shell, "publish", str(ROOT / "sequences"), "--commit", "c0ffee")
    imported = run(shell, "import", str(PEOPLE))
    again = run(shell, "import", str(PEOPLE))
    enrolled = run(shell, "enroll", "welcome-engineering", "ada.lindqvist@people.test")
    shown = run(shell, "show", enrolled.strip())

    assert "new       sequence welcome-engineering" in published
    assert imported.startswith(f"{count} added, 0 changed, 0 unchanged, 0 conflicts, 0 refused")
    assert again.startswith(f"0 added, 0 changed, {count} unchanged, 0 conflicts, 0 refused")
    assert enrolled.startswith("welcome-engineering/c_")
    assert "starting" in shown
