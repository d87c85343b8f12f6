"""A command whose database is busy or away says so in one sentence."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli import main
from cli.exits import EXIT_OK, EXIT_TOOL_FAULT
from rapport.store import sqlite
from tests.unit.store.worlds import a_database


@pytest.fixture
def occupied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database in which somebody else writes and does not come to an end; commands wait for a moment only."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", a_database(tmp_path))
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout = 100", *sqlite._PRAGMAS[1:]))
    with closing(sqlite3.connect(tmp_path / "rapport.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield tmp_path


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["rapport", *arguments])
    return main._outcome()


@pytest.mark.usefixtures("occupied")
def test_a_busy_database_is_no_fault_of_the_tool(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells a script that it may try again."""
    code = _run(monkeypatch, "candidates", "add", "ana@people.example")

    said = "rapport: The store is busy: it had no turn for us within 5 s. Try again in a few seconds.\n"
    assert (EXIT_TOOL_FAULT, said) == (code, capsys.readouterr().err)


@pytest.mark.usefixtures("occupied")
def test_who_only_looks_waits_for_nobody(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A list is shown while somebody else writes, however long that takes."""
    code = _run(monkeypatch, "sends")

    assert (EXIT_OK, "") == (code, capsys.readouterr().err)


def test_a_database_server_that_is_not_there_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No class names and no traceback: what is wrong, and what to do."""
    monkeypatch.setenv("RAPPORT_DATABASE_URL", f"postgresql+asyncpg://rapport@/rapport?host={tmp_path}")

    code = _run(monkeypatch, "sends")

    said = "rapport: The store does not answer. Try again in a few seconds; if that does not help, `rapport doctor` "
    assert (EXIT_TOOL_FAULT, f"{said}says what is wrong.\n") == (code, capsys.readouterr().err)
