"""DKIM from the settings: used when it is set up, and said at once when it is set up wrongly."""

from dataclasses import replace
from pathlib import Path

import pytest

from cli import doctor_checks
from rapport.errors import ConfigurationError
from rapport.settings import Settings
from rapport.wiring.house import open_house
from tests.unit.mail.keys import ED25519, a_key
from tests.unit.store.worlds import MONDAY, StandingClock, a_database
from tests.unit.usecases.desks import a_receiver, a_walk


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    return a_database(tmp_path)


def signing(folder: Path, pem: bytes = ED25519) -> Settings:
    """An installation that signs for acme.example."""
    place = folder / "dkim.pem"
    place.write_bytes(pem)
    place.chmod(0o600)
    return Settings(dkim_domain="acme.example", dkim_selector="rapport", dkim_key_file=str(place))


async def test_a_house_with_a_key_signs_its_mails(tmp_path: Path, database: str) -> None:
    """Three settings, and every mail that leaves carries a signature."""
    async with a_receiver() as receiver:
        settings = replace(signing(tmp_path), database_url=database, smtp_port=receiver.port)
        async with open_house(settings, StandingClock(), environ={}) as house:
            walk = await a_walk(house.store, StandingClock(), "  - {id: hello, send: welcome}\n")
            await house.desk.send(walk, "hello", at=MONDAY)

    assert receiver.mails[0].raw.startswith(b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=acme.example")


async def test_a_worker_with_a_bad_key_does_not_start(tmp_path: Path) -> None:
    """Ops hear of it when they start, not when the first mail is refused."""
    with pytest.raises(ConfigurationError, match="no private key in PEM form"):
        async with open_house(signing(tmp_path, b"nonsense"), StandingClock(), environ={}):
            pytest.fail("the house opened")


async def test_doctor_shows_what_dns_must_say(tmp_path: Path) -> None:
    """The record can be copied from one line."""
    said = await doctor_checks.dkim(signing(tmp_path))

    assert f"rapport._domainkey.acme.example the TXT record {a_key().record}" in said
    assert "not set up" in await doctor_checks.dkim(Settings())


async def test_doctor_names_a_bad_key(tmp_path: Path) -> None:
    """A key that cannot be used is a problem with a next step."""
    with pytest.raises(ConfigurationError, match="DKIM key"):
        await doctor_checks.dkim(signing(tmp_path, b"nonsense"))
