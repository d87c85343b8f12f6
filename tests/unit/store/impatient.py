"""A store whose writers wait for others for a moment only, so that tests of busy stores do not wait for them."""

from typing import Any

import pytest
from sqlalchemy import event

from rapport.store import postgres
from rapport.store.database import Store

_MILLISECONDS = 200


def make_impatient(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the patience of a store that nobody has used yet."""
    if store.engine.dialect.name == "sqlite":
        event.listen(store.engine.sync_engine, "connect", _hurry)
    else:
        hurried = postgres._TAKE_TURN.replace("'5000'", f"'{_MILLISECONDS}'")
        monkeypatch.setattr(postgres, "_TAKE_TURN", hurried)


def _hurry(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_MILLISECONDS}")
    cursor.close()
