"""`rapport import` by hand: what is piped in, files that Excel wrote, and the bar that somebody looks at."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import rapport

_HERE = Path(__file__).parents[2]
_SEQUENCES = str(_HERE / "sequences")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner of commands in an installation of its own, where the sequences are published."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path / "state"))
    runner = CliRunner()
    runner.invoke(rapport, ["publish", _SEQUENCES, "--commit", "c0ffee"], standalone_mode=False)
    return runner


def _import(run: CliRunner, file: str, *, piped: bytes | None = None) -> str:
    result = run.invoke(rapport, ["import", file], standalone_mode=False, input=piped)
    return str(result.exception) if result.exception is not None else result.output


def test_what_is_piped_in_is_imported(run: CliRunner) -> None:
    """`-` needs no file, and the lines of a pipe have numbers, too."""
    text = _import(run, "-", piped=b"email\nada@people.test\nnonsense\n")

    assert "-:3: refused: email: is not a mail address" in text
    assert "1 added" in text
    assert "import the file again" in text


def test_what_is_left_out_is_said(run: CliRunner) -> None:
    """A column that lost its name is told by its number and line; one of a thing is one."""
    text = _import(run, "-", piped=b"email,shoe_size,\nada@people.test,42,engineering\n")

    assert "-:1: left out: shoe_size\n" in text
    assert "-:2: left out: column 3: has no name in the header, and nothing is made of it" in text
    assert "1 added, 0 changed, 0 unchanged, 0 conflicts, 0 refused; 0 walks begun." in text


def test_a_file_that_cannot_be_read_is_named(run: CliRunner, tmp_path: Path) -> None:
    """The error says file, line, what is there instead, and what to do about it."""
    file = tmp_path / "people.csv"
    file.write_text("Mail Address;Name\nada@people.test;Ada\n", encoding="utf-8")

    text = _import(run, str(file))

    assert text.startswith(f"{file}:1: no column says who it is: there is no column `email`")
    assert "there are `mail_address`, `name`. Name one column `email`" in text


def test_somebody_who_looks_sees_how_far_it_is(run: CliRunner, tmp_path: Path) -> None:
    """In a terminal a bar names the file and fills up to all of it; what is printed for programs has none of it."""
    del run
    file = tmp_path / "people.csv"
    file.write_text("email\n" + "".join(f"p{number}@people.test\n" for number in range(600)), encoding="utf-8")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", "from cli.main import run; run()", "import", str(file)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONPATH": str(_HERE)},
    ) as process:
        os.close(theirs)
        seen = _all_of(ours)
        output = process.communicate()[0]

    assert "600 added" in output
    assert "people.csv" not in output
    assert "people.csv" in seen
    assert "100%" in seen


def _all_of(terminal: int) -> str:
    """What a terminal shows until nobody writes to it any more."""
    seen = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other side has closed it
            chunk = b""
        if not chunk:
            os.close(terminal)
            return seen.decode()
        seen += chunk
