"""The house opens from settings alone, and doctor tells what it stands on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner

from api.set_aside import SetAside, Visit
from cli import doctor_checks
from cli.doctor import doctor
from cli.exits import EXIT_PROBLEMS
from rapport.clock import SystemClock
from rapport.errors import ConfigurationError, RapportError
from rapport.mail.tokens import Token
from rapport.settings import Settings
from rapport.store import deliveries
from rapport.store.migrate import SCRIPTS
from rapport.wiring.house import open_house, relay_of, signer_of
from tests.unit.store.worlds import MONDAY, StandingClock, a_database, opened
from tests.unit.usecases.desks import a_receiver, a_walk


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    return a_database(tmp_path)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a running mail server."""
    async with a_receiver() as receiver:
        yield receiver.port


async def test_a_walks_mail_leaves_the_house(database: str, port: int) -> None:
    """From settings to a mail at the receiver, with nothing put together by hand."""
    clock = StandingClock()
    settings = Settings(database_url=database, smtp_port=port)
    async with open_house(settings, clock, environ={}) as house:
        walk = await a_walk(house.store, clock, "  - {id: hello, send: welcome}\n")
        outcome = await house.desk.send(walk, "hello", at=MONDAY)

    assert "done" == outcome.status


def test_tokens_hold_as_long_as_the_secret() -> None:
    """Links in mails of last year work after a restart, and nobody forges one with another secret."""
    token = Token(kind="click", send=7, number=1)
    text = signer_of(Settings(secret_key="a" * 32)).make(token)

    assert token == signer_of(Settings(secret_key="a" * 32)).read(text)
    assert signer_of(Settings(secret_key="b" * 32)).read(text) is None


def test_only_the_mail_server_of_this_machine_takes_test_addresses() -> None:
    """An address below .test never reaches a real relay."""
    assert relay_of(Settings()).test_environment
    assert not relay_of(Settings(smtp_host="smtp.acme.example", smtp_tls="implicit")).test_environment
    assert "tls" == relay_of(Settings(smtp_tls="implicit")).tls


async def test_doctor_finds_each_part_well(database: str, port: int) -> None:
    """Each check says in a few words what it found."""
    settings = Settings(database_url=database, smtp_port=port)
    async with opened(database) as store:
        await a_walk(store, StandingClock(SystemClock().now()), "  - {id: hello, send: welcome}\n")

    assert f"sqlite, tables at {ScriptDirectory(SCRIPTS).get_current_head()}" == await doctor_checks.database(settings)
    assert f"127.0.0.1:{port} greets us" == await doctor_checks.smtp(settings)
    assert "1 live (flow)" == await doctor_checks.sequences(settings)
    assert (await doctor_checks.outbox(settings)).startswith("1 message, the oldest for ")


async def test_old_message_in_the_outbox_is_a_problem(database: str) -> None:
    """A message that waits for an hour means that no worker runs."""
    async with opened(database) as store:
        await a_walk(store, StandingClock(), "  - {id: hello, send: welcome}\n")

    with pytest.raises(RapportError, match="rapport worker"):
        await doctor_checks.outbox(Settings(database_url=database))


async def test_a_parked_mail_that_is_sent_again_is_no_lag(database: str) -> None:
    """That may take days while the mail server is away, and no walk waits for it."""
    async with opened(database) as store:
        walk = await a_walk(store, StandingClock(SystemClock().now()), "  - {id: hello, send: welcome}\n")
        async with store.write() as tx:
            await deliveries.put(tx, enrollment=walk, kind="resend", payload={}, at=MONDAY, now=MONDAY)

    told = await doctor_checks.outbox(Settings(database_url=database))

    assert told.startswith("1 message, the oldest for ")
    assert told.endswith("; sending 1 parked mail again")


async def test_clicks_that_wait_for_the_store_are_a_problem(tmp_path: Path) -> None:
    """Somebody should know that people's clicks are on this machine's disk only."""
    visit = Visit(token="t", at=MONDAY, verdict="human", agent="")  # noqa: S106  # no secret
    await SetAside(tmp_path / "clicks").put(visit)

    with pytest.raises(RapportError, match=r"1 click waiting in .*/clicks"):
        await doctor_checks.clicks(Settings(state_folder=tmp_path))


async def test_doctor_says_in_our_words_that_the_database_is_away(tmp_path: Path) -> None:
    """The sentence says what to start or to correct."""
    settings = Settings(database_url=f"postgresql+asyncpg://rapport@/rapport?host={tmp_path}")

    with pytest.raises(RapportError, match=r"postgresql: The store does not answer\. Start it"):
        await doctor_checks.database(settings)


async def test_empty_database_is_told_with_the_next_step(tmp_path: Path) -> None:
    """A database without our tables is not a crash."""
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")

    with pytest.raises(ConfigurationError, match="Start `rapport dev`, a worker or the API"):
        await doctor_checks.database(settings)
    for check in (doctor_checks.outbox, doctor_checks.sequences):
        with pytest.raises(RapportError, match="See the line"):
            await check(settings)


def test_doctor_prints_a_line_for_each_part_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing set up, every line says what to do, and the exit code is 1."""
    monkeypatch.setenv("RAPPORT_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("RAPPORT_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("RAPPORT_SMTP_PORT", "1")
    result = CliRunner().invoke(doctor, standalone_mode=False)
    words = [line.split(":")[0].split() for line in result.output.splitlines()]

    assert EXIT_PROBLEMS == result.return_value
    assert [
        ["ok", "settings"],
        ["ok", "secret"],
        ["problem", "database"],
        ["problem", "temporal"],
        ["problem", "smtp"],
        ["ok", "dkim"],
        ["problem", "outbox"],
        ["problem", "walks"],
        ["problem", "senders"],
        ["ok", "clicks"],
        ["problem", "mailboxes"],
        ["problem", "ats"],
        ["problem", "sequences"],
    ] == words


def test_doctor_stops_at_settings_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is no port is the first thing to correct."""
    monkeypatch.setenv("RAPPORT_SMTP_PORT", "mail")
    result = CliRunner().invoke(doctor, standalone_mode=False)

    assert ["problem  settings: RAPPORT_SMTP_PORT is 'mail'. Write a port: a number from 0 to 65535."] == (
        result.output.splitlines()
    )
