"""`rapport enroll` for many: a dry run, a list that begins, and looking at it again."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import enroll_many
from cli.main import rapport
from rapport.clock import SystemClock
from rapport.errors import Refused
from rapport.settings import Settings
from rapport.store.database import Store
from rapport.usecases.bulk import StoreBulkDesk

_HERE = Path(__file__).parents[2]
_PEOPLE = (
    "email,first_name,source,consent,consent_basis\nada@people.test,Ada,fair,nurture,consent\nbo@people.test,Bo,,,\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner of commands in an installation with two people, of whom one has consented."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path / "state"))
    monkeypatch.setattr(enroll_many, "_TAKEN_UP_WITHIN", 0)  # no worker will come
    (tmp_path / "people.csv").write_text(_PEOPLE, encoding="utf-8")
    (tmp_path / "list.csv").write_text("email\nada@people.test\nbo@people.test\ncy@people.test\n", encoding="utf-8")
    runner = CliRunner()
    for command in (["publish", str(_HERE / "sequences"), "--commit", "c0ffee"], ["import", "people.csv"]):
        assert runner.invoke(rapport, command, standalone_mode=False).return_value == 0
    return runner


def _do(run: CliRunner, *arguments: str) -> tuple[object, str]:
    result = run.invoke(rapport, ["enroll", *arguments], standalone_mode=False)
    if result.exception is not None:
        return type(result.exception).__name__, str(result.exception)
    return result.return_value, result.output


def test_a_dry_run_names_numbers_reasons_and_lines(run: CliRunner) -> None:
    """Nothing is stored, and a line that names nobody is shown with its number."""
    code, output = _do(run, "talent-nurture", "--csv", "list.csv", "--dry-run")

    assert 1 == code
    assert "list.csv:4: email is nobody's address that we know" in output
    assert "1 of 2 people of a list of 2 would enter talent-nurture." in output
    assert "1 would be refused: no_consent" in output


@pytest.mark.parametrize("whom", [("--csv", "list.csv"), ("--csv", "list.csv", "--dry-run"), ("ada@people.test",)])
def test_a_slip_in_the_sequence_is_said_once(run: CliRunner, whom: tuple[str, ...]) -> None:
    """One sentence with what was meant, before a line of the file is looked at."""
    result = run.invoke(rapport, ["enroll", "talent-nuture", *whom], standalone_mode=False)

    said = "The sequence 'talent-nuture' has no published version. Did you mean \"talent-nurture\"?"
    assert isinstance(result.exception, Refused)
    assert str(result.exception).startswith(said)
    assert "" == result.output


def test_a_list_is_stored_without_a_worker_and_shown_until_it_is_over(run: CliRunner, tmp_path: Path) -> None:
    """The command says that nobody has taken it up; given again it finds the same list; a worker ends it."""
    first = _do(run, "talent-nurture", "--csv", "list.csv", "--per-minute", "60")
    second = _do(run, "talent-nurture", "--csv", "list.csv")
    bulk = first[1].split("taken up ")[1].split(".")[0]
    before = _do(run, "--status", bulk)
    asyncio.run(_work_off(Settings(state_folder=tmp_path / "state"), bulk))
    after, watched = _do(run, "--status", bulk), _do(run, "--watch", bulk)

    assert ("TemporaryFailure", True) == (first[0], bulk in second[1])
    assert f"{bulk}: a list of 2 into talent-nurture, 60 a minute, starting" in before[1]
    assert "2 of 2 had their turn: 1 entered, 1 refused" in after[1]
    assert "1 refused: no_consent" in after[1]
    assert (0, "1 entered, 1 refused of 2.\n") == (watched[0], watched[1].splitlines(keepends=True)[-1])
    assert "Refused" == _do(run, "--cancel", bulk)[0]


async def _work_off(settings: Settings, bulk: str) -> None:
    store = Store.open(settings.database)
    await StoreBulkDesk(store, SystemClock()).enroll_page(bulk, up_to=10)
    await store.close()


def test_a_cancelled_list_says_who_stays_out(run: CliRunner) -> None:
    """Cancelling says how many have entered."""
    bulk = _do(run, "talent-nurture", "--csv", "list.csv")[1].split("taken up ")[1].split(".")[0]

    code, output = _do(run, "--cancel", bulk)

    assert (0, f"{bulk} ends: 0 have entered and go on, 2 stay out.\n") == (code, output)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("talent-nurture",),
        ("talent-nurture", "c_ana", "--pool", "engineering"),
        ("talent-nurture", "--pool", "engineering", "--application", "a1"),
        ("--status", "b_1", "--cancel", "b_1"),
        ("talent-nurture", "--watch", "b_1"),
        ("--pool", "engineering", "--cancel", "b_1"),
    ],
)
def test_wrong_use_is_named(run: CliRunner, arguments: tuple[str, ...]) -> None:
    """One candidate or one list, never both; what is about one that has begun stands alone."""
    assert "UsageError" == _do(run, *arguments)[0]


@pytest.mark.parametrize("act", ["--status", "--watch", "--cancel"])
def test_an_id_that_is_none_is_said(run: CliRunner, act: str) -> None:
    """A typing error in the id is answered by a sentence."""
    name, message = _do(run, act, "b_nothing")

    assert ("NotFound", True) == (name, "b_nothing" in message)
