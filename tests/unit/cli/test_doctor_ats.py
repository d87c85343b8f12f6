"""Ops see when each ATS was last read, and hear of it when nobody reads any more."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli import doctor_ats
from cli.findings import Warned
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from rapport.clock import SystemClock
from rapport.errors import ConfigurationError, TemporaryFailure
from rapport.settings import Settings
from rapport.store import ats, ats_errands
from rapport.store.tables.ats import AtsErrandRow
from rapport.usecases.publish import publish
from tests.unit.store.worlds import MONDAY, PROJECT, a_database, a_publication, opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with an empty database."""
    return Settings(database_url=a_database(tmp_path))


async def _read(settings: Settings, ago: timedelta, *, name: str = "main", trouble: str | None = None) -> None:
    at = SystemClock().now() - ago
    async with opened(settings.database) as store, store.write() as tx:
        row = await ats.connection(tx, name, now=at)
        row.page_at, row.read_at, row.trouble = at, at, trouble


async def _connected(settings: Settings) -> None:
    connected = f"{PROJECT}\nats: {{main: {{vendor: lever, credentials: LOGIN, url: PLACE}}}}\n"
    async with opened(settings.database) as store:
        await publish(store, a_publication({}, project=connected), commit="c0ffee", at=MONDAY)


async def test_doctor_says_when_an_ats_was_last_read(settings: Settings) -> None:
    """One line for all connections."""
    assert "none was read yet" == await doctor_ats.ats(settings)
    await _read(settings, timedelta(minutes=4))

    assert "main read 4 minutes ago; 0 errands" == await doctor_ats.ats(settings)


async def test_doctor_warns_when_an_ats_hides_people_from_our_login(settings: Settings) -> None:
    """Nobody is asked about so many: it is the login that has to be looked at."""
    await _read(settings, timedelta(minutes=4))
    async with opened(settings.database) as store, store.write() as tx:
        (await ats.connection(tx, "main", now=SystemClock().now())).hidden_after = ""

    said = await doctor_ats.ats(settings)

    assert isinstance(said, Warned)
    assert "main shows suspiciously few of the people" in said
    assert "Look at what its login may see" in said


async def test_doctor_says_what_is_missed_without_polls(settings: Settings) -> None:
    """It was chosen, so it is no alarm, however long ago the last poll was."""
    await _read(settings, timedelta(days=9))

    said = await doctor_ats.ats(replace(settings, ats_poll_minutes=0))

    assert not isinstance(said, Warned)
    assert said.endswith("(RAPPORT_ATS_POLL_MINUTES=0)")


async def test_doctor_raises_an_alarm_when_polls_were_missed(settings: Settings) -> None:
    """Three times ten minutes, and nobody came."""
    await _read(settings, timedelta(minutes=31))

    with pytest.raises(TemporaryFailure, match="main not read for 3 polls"):
        await doctor_ats.ats(settings)


async def test_doctor_raises_an_alarm_when_errands_wait(settings: Settings) -> None:
    """With the failure that the oldest has met."""
    async with opened(settings.database) as store, store.write() as tx:
        at = SystemClock().now() - timedelta(minutes=16)
        row = AtsErrandRow(
            connection="main", key="0" * 64, kind="person", subject="1", created_at=at, trouble="Throttled"
        )
        await ats_errands.put(tx, row)

    with pytest.raises(TemporaryFailure, match=r"1 errand waiting, the oldest for 16 minutes \(Throttled\)"):
        await doctor_ats.ats(settings)


async def test_doctor_says_what_keeps_an_ats_from_being_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that is not set is named; nothing was read yet, so that it is a warning."""
    monkeypatch.delenv("LOGIN", raising=False)
    await _connected(settings)

    said = await doctor_ats.ats(settings)

    assert isinstance(said, Warned)
    assert "main was never read: The ATS main needs LOGIN, which is not set. Set LOGIN.; 0 errands" == said


@pytest.mark.parametrize(
    ("login", "away", "why"),
    [
        ("demo-key", False, None),
        ("wrong-key", False, r"main: Lever refuses our credentials \(401\). Look at them and their rights."),
        ("demo-key", True, r"main: Lever cannot be reached \(ConnectError\). Look at its address"),
    ],
)
async def test_doctor_asks_an_ats_whose_last_poll_failed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *, login: str, away: bool, why: str | None
) -> None:
    """Wrong credentials and a host that is away are told apart at once, and what works again is no alarm."""
    await _connected(settings)
    await _read(settings, timedelta(minutes=4), trouble="TemporaryFailure")
    async with served(DemoAts().app()) as address:
        monkeypatch.setenv("LOGIN", login)
        monkeypatch.setenv("PLACE", "http://127.0.0.1:1" if away else f"{address}/lever")
        if why is None:
            assert "main read 4 minutes ago; 0 errands" == await doctor_ats.ats(settings)
            return
        with pytest.raises(ConfigurationError, match=why) as raised:
            await doctor_ats.ats(settings)

        assert login not in str(raised.value)


async def test_a_connection_that_was_taken_out_raises_no_alarm(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody reads it any more, and nobody should."""
    monkeypatch.delenv("LOGIN", raising=False)
    await _connected(settings)
    await _read(settings, timedelta(days=9), name="former")

    assert "former" not in await doctor_ats.ats(settings)
