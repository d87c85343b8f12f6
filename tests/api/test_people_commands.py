"""`candidates`, `pools`, `events`, `tasks`, `merge`, `match`: what a recruiter types, and the answer to a slip."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest
from click.testing import CliRunner

from cli.main import rapport
from rapport.errors import RapportError

_SEQUENCES = Path(__file__).parents[2] / "sequences"
_ADA, _BO = "ada@people.test", "bo@people.test"
_YES = ("--consent", "nurture", "--text", "Yes.", "--source", "fair")

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A state folder with the shipped sequences, published once for all tests here."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAPPORT_STATE_FOLDER", folder)
        CliRunner().invoke(rapport, ["publish", str(_SEQUENCES), "--commit", "c0ffee"], standalone_mode=False)
        yield Path(folder)


@pytest.fixture
def run(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command in an installation of its own; the exit code, and what stands on the screen."""
    shutil.copytree(prepared, tmp_path / "state")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path / "state"))

    def typed(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(rapport, words, standalone_mode=False)
        if isinstance(result.exception, RapportError | click.UsageError):
            return 1 if isinstance(result.exception, RapportError) else 2, str(result.exception)
        assert result.exception is None, result.exception
        return result.return_value, result.output

    return typed


def test_people_are_added_found_and_changed(run: Run) -> None:
    """What was typed is what is shown, and every slip is answered by its name."""
    _, made = run("candidates", "add", _ADA, "first_name=Ada", "city=Bangalore", "skills=python; go", *_YES)

    shown = run("candidates", "show", _ADA)[1]
    assert f"{made}first_name: Ada\ncity: Bangalore\nskills: python; go\n" in shown
    assert "agrees to: nurture" in shown
    assert "Ada  Bangalore" in run("candidates", "list", "--name", "ad")[1]
    assert (0, "Changed.\n") == run("candidates", "set", _ADA, "stage=alumni")
    assert (0, "Nothing changed.\n") == run("candidates", "set", _ADA, "stage=alumni")
    assert (0, "Nobody fits.\n") == run("candidates", "list", "--name", "zz")
    for words, answer in (
        (("list", "--pool", "nope"), "There is no pool 'nope'."),
        (("show", "c_nope"), "There is no candidate 'c_nope'."),
        (("set", _BO, "city=Ulm"), "rapport candidates add EMAIL"),
        (("set", _ADA, "city"), "there is no `=` in it"),
        (("set", _ADA, "stage=boss"), "stage: is no stage; there are: awareness"),
        (("set", _ADA, "joined_on=2.3.2026"), 'is not a day such as "2026-03-02"'),
        (("add", _ADA.upper()), "Another person has this address: c_"),
        (("add", "nonsense"), "email: is not a mail address."),
        (("add", _BO, "--consent", "nurture", "--text", "Yes."), "source: it is empty."),
        (("add", _BO, "--consent", "nurture", "--source", "fair"), "text: it is empty."),
    ):
        code, said = run("candidates", *words)
        assert 1 == code
        assert answer in said
    assert 2 == run("candidates", "add", _BO, "--basis", "consent")[0]
    assert 2 == run("candidates", "list", "--stage", "boss")[0]


def test_the_timeline_of_somebody_imported_begins_with_how_they_came(run: Run) -> None:
    """First that they are known and from where, then what was known of them."""
    Path("list.csv").write_text("email,city,score,source\nada@people.test,Ulm,7,fair\n", encoding="utf-8")
    run("import", "list.csv")

    _, told = run("candidates", "timeline", _ADA)

    assert "known, from fair" in told.splitlines()[0]
    assert "0 → 7  set 7  import" in run("candidates", "show", _ADA)[1]


def test_addresses_are_added_chosen_and_removed(run: Run) -> None:
    """Mails go to one; the others find the person; none is taken from somebody else."""
    run("candidates", "add", _ADA)
    run("candidates", "add", _BO)

    run("candidates", "add-address", _ADA, "ada@home.test")
    chosen = run("candidates", "make-primary", _ADA, "ada@home.test")
    taken = run("candidates", "add-address", _ADA, _BO)
    needed = run("candidates", "remove-address", _ADA, "ada@home.test")
    removed = run("candidates", "remove-address", "ada@home.test", _ADA)

    assert (0, f"ada@home.test  (mails go here)\n{_ADA}\n") == chosen
    assert "merge the two" in taken[1]
    assert (1, True) == (needed[0], "Make another one the primary address first." in needed[1])
    assert (0, "ada@home.test  (mails go here)\n") == removed


def test_people_are_put_into_pools_by_hand_and_never_into_segments(run: Run) -> None:
    """Who is in already counts once; a slip names the pool, and one in the last name moves nobody."""
    run("candidates", "add", _ADA, *_YES)

    slip = run("pools", "add", "engineering", _ADA, "nobody@people.test")
    added = run("pools", "add", "engineering", _ADA, _ADA)
    members = run("pools", "show", "engineering")
    segment = run("pools", "add", "bangalore-backend", _ADA)
    removed = run("pools", "remove", "engineering", _ADA)

    assert (1, True) == (slip[0], "nobody@people.test" in slip[1])
    assert (0, "1 of 2 is new in engineering.\n") == added
    assert "command line" in members[1]
    assert "      1  pool     engineering" not in run("pools")[1]
    assert (1, True) == (segment[0], "people belong to it while its condition holds" in segment[1])
    assert (0, "1 of 1 is no longer in engineering.\n") == removed
    assert "There is no pool 'nope'." in run("pools", "show", "nope")[1]


def test_an_event_is_made_visited_and_called_off(run: Run) -> None:
    """Told twice, nothing changes; dates that cannot be are refused."""
    run("candidates", "add", _ADA)
    made = run("events", "change", "fair-1", "title=Career fair", "starts_at=2026-12-10T10:00", "zone=Europe/Berlin")

    assert (0, "Noted. 0 walks hear of it, 0 walks begun.\n") == made
    assert "fair-1  2026-12-10T10:00  Europe/Berlin  Career fair" in run("events")[1]
    for word in ("register", "attend"):
        assert "Noted." in run("events", word, "fair-1", _ADA)[1]
        assert "That was known; nothing changed.\n" == run("events", word, "fair-1", _ADA)[1]
    assert "attended" in run("events", "show", "fair-1")[1]
    for words, answer in (
        (("change", "fair-1", "ends_at=2026-12-09T10:00"), "ends_at: it lies before starts_at"),
        (("change", "fair-1", "starts_at=10.12.2026"), "starts_at: it is no time such as"),
        (("change", "fair-1", "zone=Berlin"), "zone: it is no time zone"),
        (("change", "fair-1", "place=Ulm"), "place: events have no such field."),
        (("change", " fair\n2", "title=Two"), "event: it needs 1 to 200 characters on one line"),
        (("cancel", "nope"), "There is no event 'nope'."),
        (("register", "fair-1", _BO), "There is no candidate with the address"),
        (("talk", _ADA, "Likes Rust", "--by", "nobody"), "recruiter: 'nobody' is not a key"),
        (("talk", _ADA, "Likes Rust", "--by", "anna-koch", "--due", "2026-12-01"), "due_on: there is no follow-up"),
    ):
        code, said = run("events", *words)
        assert 1 == code
        assert answer in said
    run("events", "cancel", "fair-1")
    assert "CANCELLED" in run("events")[1]


@pytest.mark.parametrize(
    ("raw", "code", "answer"),
    [
        (b"", 1, "line 1: the file is empty."),
        (b"name\nAda\n", 1, "there is no column `email` or `id`."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 1, "line 1"),
        (b"email\nada@people.test\nADA@people.test\n", 0, "1 came, 1 were known to have come"),
        ("E-Mail;email\nJürgen;ada@people.test\n".encode("cp1252"), 0, "1 came"),
        ("\ufeffemail\tfirst_name\nada@people.test\tÄda\n".encode("utf-16-le"), 0, "1 came"),
        (b"email\nbo@people.test\nnonsense\n", 1, "list.csv:2: email: is nobody's address that we know."),
    ],
)
def test_a_check_in_list_is_read_as_any_spreadsheet_writes_it(run: Run, raw: bytes, code: int, answer: str) -> None:
    """Whatever the file, people are noted, or the line with the reason is named."""
    run("candidates", "add", _ADA)
    run("events", "change", "fair-1", "title=Career fair")
    Path("list.csv").write_bytes(raw)

    done, said = run("events", "check-in", "fair-1", "list.csv")

    assert code == done
    assert answer in said


def test_a_promise_is_a_task_that_is_ticked_off_and_handed_on(run: Run) -> None:
    """From the conversation to the list of what is to be done, and back."""
    run("candidates", "add", _ADA)
    run("events", "talk", _ADA, "Likes Rust", "--by", "anna-koch", "--follow-up", "Send jobs", "--due", "2026-12-01")

    _, listed = run("tasks", "--for", "anna-koch", "--of", _ADA)
    task = listed.split()[0]

    assert "anna-koch  due 2026-12-01 17:00 UTC" in listed
    assert "done by Anna" in run("tasks", "done", task, "--by", "Anna")[1]
    assert "Nothing is to be done.\n" == run("tasks")[1]
    assert task in run("tasks", "--all")[1]
    assert "ben-ito" in run("tasks", "reassign", task, "ben-ito")[1]
    assert "no day" not in run("tasks", "reopen", task)[1]
    assert "'nobody' is not a key" in run("tasks", "--for", "nobody")[1]
    assert (1, True) == (run("tasks", "done", "t_x")[0], "There is no task 't_x'." in run("tasks", "done", "t_x")[1])


def test_two_records_become_one_and_the_timeline_says_so_once(run: Run) -> None:
    """Whoever types the second address afterwards finds the one person."""
    _, kept = run("candidates", "add", _ADA)
    run("candidates", "add", _BO, "city=Ulm", "stage=hired")

    merged = run("merge", _ADA, _BO, "--yes")

    assert (0, f"They are one now: {kept}") == merged
    assert {kept.strip(), "city: Ulm", "stage: hired"} <= {*run("candidates", "show", _BO)[1].splitlines()}
    _, told = run("candidates", "timeline", _ADA)
    assert ["merge"] == [line.split()[3] for line in told.splitlines() if "merged" in line]
    assert "There is no candidate 'c_x'." in run("merge", _ADA, "c_x", "--yes")[1]


def test_a_role_finds_people_with_a_reason_for_every_point(run: Run) -> None:
    """The shipped project knows that golang is go; a mistake in the file is shown with its line."""
    run("candidates", "add", _ADA, "skills=go; PostgreSQL", "city=Berlin", "country=DE", *_YES)
    Path("role.yaml").write_text("title: Backend\nskills: {must: [golang, postgres]}\nlocation: {city: Berlin}\n")
    Path("wrong.yaml").write_text("title: Backend\nskils: {must: [golang]}\n")

    _, words = run("match", "--role", "role.yaml")
    _, tree = run("match", "--role", "role.yaml", "--format", "json", "--engaged")
    wrong = run("match", "--role", "wrong.yaml")

    assert "has golang (as go), postgres (as PostgreSQL)" in words
    assert "lives in Berlin, DE" in words
    assert {"not_engaged": 1} == json.loads(tree)["left_out"]
    assert (1, True) == (wrong[0], "wrong.yaml:2:1" in wrong[1])
    assert 2 == run("match")[0]
    assert "There is no job 'main/1'." in run("match", "--job", "main/1")[1]
    assert "There is no purpose 'nope'." in run("match", "--role", "role.yaml", "--purpose", "nope")[1]
