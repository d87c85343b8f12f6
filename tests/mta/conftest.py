"""Real mail servers for the tests of this folder; skipped with the reason where they cannot run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mta.servers import MailServers, mail_servers, why_no_servers
from tests.unit.store.worlds import StandingClock, a_database


@pytest.fixture(scope="session")
def servers() -> Iterator[MailServers]:
    """Postfix and Dovecot, started once."""
    reason = why_no_servers()
    if reason is not None:
        pytest.skip(f"no real mail servers: {reason}")
    with mail_servers() as running:
        yield running


@pytest.fixture
def clock() -> StandingClock:
    """It is Monday morning."""
    return StandingClock()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    return a_database(tmp_path)
