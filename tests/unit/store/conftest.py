"""A fresh database file per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport.store.database import Store
from tests.unit.store.worlds import a_database, opened


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of an empty, migrated database."""
    return a_database(tmp_path)


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store."""
    async with opened(database) as store:
        yield store
