"""A clock that stands still, per test."""

import pytest

from tests.unit.store.worlds import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    """It is Monday morning."""
    return StandingClock()
