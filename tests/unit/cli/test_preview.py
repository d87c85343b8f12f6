"""`rapport preview`, as a marketer calls it: in the terminal, as a page, on this machine, and to oneself."""

import asyncio
import base64
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from cli.preview import preview
from cli.preview_server import HOST, server_of
from rapport.ids import address_key
from rapport.mail.sink import Envelope, start_sink
from rapport.settings import Settings
from rapport.store import consents
from rapport.store.schema import METADATA
from tests.unit.cli.hello import hello_folder
from tests.unit.store.worlds import MONDAY, a_database, a_person, opened, published

_MAIL = """---
subject: Hello {{ candidate.first_name or 'you' }}
---
Hi from {{ candidate.city }}: [jobs]({{ link('jobs', 'https://acme.example/j') }}).
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of sequences, and no installation beside it."""
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path / "state"))
    (tmp_path / "sequences").mkdir()
    made = hello_folder(tmp_path / "sequences")
    (made / "mails" / "hello.md").write_text(_MAIL)
    return made


@dataclass
class Inbox:
    """A real mail server in a thread of its own, and what it took."""

    port: int
    mails: list[Envelope] = field(default_factory=list)


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """The mail server of the installation."""
    loop, taken = asyncio.new_event_loop(), list[Envelope]()

    async def keep(envelope: Envelope) -> None:
        taken.append(envelope)

    sink = loop.run_until_complete(start_sink("127.0.0.1", 0, keep, misbehave=True))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    monkeypatch.setenv("RAPPORT_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("RAPPORT_SMTP_PORT", str(sink.port))
    yield Inbox(sink.port, taken)
    asyncio.run_coroutine_threadsafe(sink.close(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation in which Ana is known, and somebody has left."""
    url = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    asyncio.run(_fill(url))
    return url


async def _fill(url: str) -> None:
    async with opened(url) as store:
        await published(store, flow="purpose: nurture\nsteps: [{id: a, send: welcome}]")
        pepper = Settings().pepper
        async with store.write() as tx:
            row = await a_person(tx, city="Ulm")
            row.email_key = address_key(row.email or "", pepper)
            left = address_key("left@acme.test", pepper)
            await consents.suppress(tx, left, scope="all", reason="complained", at=MONDAY, recorded_at=MONDAY)


async def _rows(url: str) -> dict[str, int]:
    """How many rows each table has."""
    async with opened(url) as store, store.read() as tx:
        return {
            table.name: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in METADATA.sorted_tables
        }


def call(folder: Path, *arguments: object) -> Result:
    """Call `rapport preview`; `return_value` is its exit code."""
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(preview, [*given, "--in", str(folder)], standalone_mode=False)


def test_a_sender_has_the_name_that_readers_see(folder: Path) -> None:
    """Not as mail servers write it to each other."""
    project = folder / "project.yaml"
    project.write_text(project.read_text().replace("{name: Acme, email: talent", "{name: Müller, email: talent"))

    assert "From: Müller <talent@acme.example>" in call(folder, "hello.md").output


def test_the_terminal_shows_words_and_links(folder: Path) -> None:
    """For a quick look; the addresses inside the text are tokens."""
    result = call(folder, "hello.md")

    lines = result.output.splitlines()
    assert ["mails/hello.md (en), step hello", "From: Acme <talent@acme.example>", "Subject: Hello Ada"] == lines[:3]
    assert "Hi from Springfield: jobs (http://127.0.0.1:8000/c/" in result.output
    assert "link 1 jobs: https://acme.example/j" == lines[-1]
    assert 0 == result.return_value


def test_a_missing_value_is_a_problem(folder: Path, tmp_path: Path) -> None:
    """A script before a release notices it."""
    who = tmp_path / "who.yaml"
    who.write_text("first_name: Ana\n")

    result = call(folder, "hello.md", "--candidate", who)

    assert 1 == result.return_value
    assert "Missing: candidate.city, so that the mail would not be sent" in result.output
    assert "Hi from [candidate.city is missing]: jobs" in result.output


def test_a_name_that_is_not_there_or_cannot_be_read(folder: Path) -> None:
    """The mistakes of the folder are shown where they may be why."""
    before = str(call(folder, "other").exception)
    (folder / "other.yaml").write_text("schema: 1\ntitel: x\n")

    after = call(folder, "other")

    assert "There is no sequence or mail 'other'. There are: hello." in before
    assert (1, True) == (after.return_value, 'did you mean "title"?' in after.output)


@pytest.mark.usefixtures("stored")
def test_a_stored_person_is_merged(folder: Path, tmp_path: Path) -> None:
    """What Ana would get, as a page, and nothing is left in the store."""
    file = tmp_path / "ana.html"

    result = call(folder, "hello", "--step", "again", "--person", "c_ana", "-o", file)

    assert (0, f"Written: {file}\n") == (result.return_value, result.output)
    assert "Hi from Ulm: jobs" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("hello", "--serve", "-o", "x.html"),
        ("hello", "--person", "c_ana", "--candidate", __file__),
        ("hello", "--person", "c_ana", "--set", "candidate.city=Ulm"),
        ("hello", "--send-to", "me@acme.test"),
    ],
)
def test_what_makes_no_sense_together_is_a_wrong_use(folder: Path, arguments: tuple[str, ...]) -> None:
    """The last one: the sequence has two mails, and one must be chosen."""
    result = CliRunner().invoke(preview, [*arguments, "--in", str(folder)])

    assert 2 == result.exit_code


def test_a_test_mail_is_marked_and_leads_nowhere(folder: Path, inbox: Inbox) -> None:
    """The real mail through the real mail server, but for the mark and the tokens; twice is two mails."""
    results = [call(folder, "hello.md", "--send-to", "me@acme.test") for _ in range(2)]

    assert ["Sent: [Test] Hello Ada (mails/hello.md) to me@acme.test\n"] * 2 == [result.output for result in results]
    mails = [message_from_bytes(envelope.raw, policy=default) for envelope in inbox.mails]
    assert ("[Test] Hello Ada", "me@acme.test") == (mails[0]["Subject"], mails[0]["To"])
    assert mails[0]["Message-ID"] != mails[1]["Message-ID"]
    assert not (folder.parent / "state").exists()


def test_a_test_mail_is_signed_as_real_ones_are(folder: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would land in the spam folder and say nothing about the real one."""
    # PKCS #8 of an Ed25519 key (RFC 8410) with a seed that is no secret.
    key = base64.b64encode(bytes.fromhex("302e020100300506032b657004220420") + b"a seed for tests, 32 bytes long.")
    pem = f"-----BEGIN PRIVATE KEY-----\n{key.decode()}\n-----END PRIVATE KEY-----\n"
    for name, value in {"DOMAIN": "acme.example", "SELECTOR": "test", "KEY": pem}.items():
        monkeypatch.setenv(f"RAPPORT_DKIM_{name}", value)

    result = call(folder, "hello.md", "--send-to", "me@acme.test")

    assert (0, None) == (result.return_value, result.exception)
    assert "d=acme.example" in message_from_bytes(inbox.mails[0].raw, policy=default)["DKIM-Signature"]


@pytest.mark.usefixtures("inbox")
def test_a_test_mail_is_not_recorded(folder: Path, stored: str) -> None:
    """No table has a row more."""
    before = asyncio.run(_rows(stored))

    result = call(folder, "hello.md", "--send-to", "me@acme.test", "--person", "c_ana")

    assert "Sent: [Test] Hello Ana" in result.output
    assert before == asyncio.run(_rows(stored))


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("C_ANA@people.example", "the address of a stored candidate"),
        ("left@acme.test", "gets no mail from us"),
        ("no address", "is not an address"),
        ("nobody@acme.test", "The mail server did not take it"),
    ],
)
def test_who_must_not_get_a_test_does_not(folder: Path, inbox: Inbox, address: str, said: str) -> None:
    """An answer from a candidate's address would count as theirs."""
    result = call(folder, "hello.md", "--send-to", address)

    assert (said in str(result.exception), []) == (True, inbox.mails)


@pytest.mark.parametrize(
    ("is_set", "said"), [(False, "No mail server is configured. Set RAPPORT_SMTP_HOST"), (True, "did not take it")]
)
def test_without_a_mail_server_the_next_step_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, said: str, *, is_set: bool
) -> None:
    """Nothing listens: because nothing was set up, or because it is away."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("RAPPORT_SMTP_PORT", str(free.getsockname()[1]))
    if is_set:
        monkeypatch.setenv("RAPPORT_SMTP_HOST", "127.0.0.1")
    else:
        monkeypatch.delenv("RAPPORT_SMTP_HOST", raising=False)

    result = call(folder, "hello.md", "--send-to", "me@acme.test")

    assert said in str(result.exception)


def test_a_served_page_is_made_anew_and_for_this_machine_only() -> None:
    """An edit is seen on reload; a foreign name that leads here sees nothing."""
    words = iter(["first", "second"])
    with server_of(lambda: next(words), 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        place = f"http://{HOST}:{server.server_address[1]}"
        try:
            seen = [_get(f"{place}/") for _ in range(2)]
            refused = [_get(f"{place}/", host="evil.example:80"), _get(f"{place}/other")]
        finally:
            server.shutdown()
            thread.join(5)

    assert ([(200, "first"), (200, "second")], [403, 404]) == (seen, [code for code, _ in refused])


def _get(place: str, *, host: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(place, headers={"Host": host} if host else {})  # noqa: S310  # our own server
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
