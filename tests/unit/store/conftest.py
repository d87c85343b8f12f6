"""An empty line at a store."""

import pytest

from rapport.store.database import Store
from rapport.store.rounds import Rounds


@pytest.fixture
def rounds(store: Store) -> Rounds:
    """An empty line at a store."""
    return Rounds(store)
