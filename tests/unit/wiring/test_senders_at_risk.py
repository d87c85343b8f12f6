"""Whoever runs Rapport sees that people complain before mail servers refuse the sender."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.doctor import Finding
from cli.doctor_checks import senders
from cli.main import rapport
from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.store.once import insert
from rapport.store.tables.mails import SenderHarmRow, SendRow
from tests.api.doors import a_mail
from tests.unit.store.worlds import WELCOME, StandingClock, a_database, a_person, opened, published

SAID = "talent@acme.example: 2 complaints among 2 mails in a day (100.00 %)"


async def _two_complain(url: str) -> None:
    clock = StandingClock(SystemClock().now())
    async with opened(url) as store:
        await published(store, welcome=WELCOME)
        for who in ("c_ana", "c_ben"):
            async with store.write() as tx:
                await a_person(tx, who)
            mail = await a_mail(store, clock, who)
            async with store.write() as tx:
                row = await tx.get_one(SendRow, mail.send)
                row.sender, row.attempts = "talent@acme.example", 1
                await insert(
                    tx, SenderHarmRow(send=mail.send, kind="complained", sender="talent@acme.example", at=clock.at)
                )


def test_doctor_and_senders_warn_at_one_in_a_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a warning and no problem: a health check does not fail, and mails go on."""
    url = a_database(tmp_path)
    monkeypatch.setenv("RAPPORT_DATABASE_URL", url)
    asyncio.run(_two_complain(url))

    looked = asyncio.run(senders(Settings(database_url=url)))
    listed = CliRunner().invoke(rapport, ["senders"], standalone_mode=False).output

    assert str(Finding(name="senders", ok=True, text=looked)).startswith(f"warning  senders: {SAID}")
    assert ["No sender is stopped.", f"Look into this one: {SAID}"] == listed.splitlines()
