"""Ops see when each ATS was last read, and hear of it when nobody reads any more."""

from datetime import timedelta
from pathlib import Path

import pytest

from cli import doctor_checks
from rapport.clock import SystemClock
from rapport.errors import TemporaryFailure
from rapport.settings import Settings
from rapport.store import ats, ats_errands
from rapport.store.tables.ats import AtsErrandRow
from tests.unit.store.worlds import a_database, opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with an empty database."""
    return Settings(database_url=a_database(tmp_path))


async def _read(settings: Settings, ago: timedelta) -> None:
    at = SystemClock().now() - ago
    async with opened(settings.database) as store, store.write() as tx:
        row = await ats.connection(tx, "main", now=at)
        row.page_at = row.read_at = at


async def test_doctor_says_when_an_ats_was_last_read(settings: Settings) -> None:
    """One line for all connections."""
    assert "none was read yet" == await doctor_checks.ats(settings)
    await _read(settings, timedelta(minutes=4))

    assert "main read 4 minutes ago; 0 errands" == await doctor_checks.ats(settings)


async def test_doctor_raises_an_alarm_when_polls_were_missed(settings: Settings) -> None:
    """Three times ten minutes, and nobody came."""
    await _read(settings, timedelta(minutes=31))

    with pytest.raises(TemporaryFailure, match="main not read for 3 polls"):
        await doctor_checks.ats(settings)


async def test_doctor_raises_an_alarm_when_errands_wait(settings: Settings) -> None:
    """With the failure that the oldest has met."""
    async with opened(settings.database) as store, store.write() as tx:
        at = SystemClock().now() - timedelta(minutes=16)
        row = AtsErrandRow(
            connection="main", key="0" * 64, kind="person", subject="1", created_at=at, trouble="Throttled"
        )
        await ats_errands.put(tx, row)

    with pytest.raises(TemporaryFailure, match=r"1 errands wait, the oldest for 16 minutes \(Throttled\)"):
        await doctor_checks.ats(settings)
