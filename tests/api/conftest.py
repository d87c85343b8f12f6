"""The doors of a house in which one sequence is published and one person is known."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport.store.database import Store
from tests.api.doors import SentMail, Visitor, a_mail, visiting
from tests.unit.store.worlds import WELCOME, StandingClock, a_database, opened, published


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    return a_database(tmp_path)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store with the sequence `welcome`."""
    async with opened(database) as store:
        await published(store, welcome=WELCOME)
        yield store


@pytest.fixture
def clock() -> StandingClock:
    """It is Monday morning."""
    return StandingClock()


@pytest.fixture
async def visitor(store: Store, clock: StandingClock) -> AsyncIterator[Visitor]:
    """A program on this machine; Ana is known."""
    async with visiting(store, clock) as visitor:
        await visitor.person()
        yield visitor


@pytest.fixture
async def mail(visitor: Visitor, clock: StandingClock) -> SentMail:
    """Ana has got her first mail."""
    return await a_mail(visitor.store, clock)
