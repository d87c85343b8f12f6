"""Inserting a row unless it is there: the way a retry changes nothing."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Insert, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite

from rapport.store.columns import Row
from rapport.store.database import Tx


async def insert_once(tx: Tx, row: Row) -> bool:
    """Insert a row; False when a unique index says that it is there already, and nothing has changed."""
    result = await tx.execute(insert_or_nothing(type(row), tx.get_bind().dialect.name), _values(row))
    assert isinstance(result, CursorResult)  # noqa: S101  # tells mypy what an INSERT returns
    return result.rowcount == 1


async def insert(tx: Tx, row: Row) -> None:
    """Insert a row now, so that the next statement finds it."""
    tx.add(row)
    await tx.flush()


# Kept: making it anew was measured at more than half of what an insert takes.
@cache
def insert_or_nothing(kind: type[Row], dialect: str) -> Insert:
    """The statement that inserts rows of a table and passes over those that are there."""
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101  # tells mypy that no row of ours is a view
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _columns(kind: type[Row]) -> Sequence[str]:
    return tuple(attribute.key for attribute in inspect(kind).column_attrs)


def _values(row: Row) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _columns(type(row))}
    return {name: value for name, value in values.items() if value is not None}
