"""Inserting a row unless it is there: the way a retry changes nothing."""

from typing import Any

from sqlalchemy import CursorResult, Insert, inspect
from sqlalchemy.dialects import postgresql, sqlite

from rapport.store.columns import Row
from rapport.store.database import Tx


async def insert_once(tx: Tx, row: Row) -> bool:
    """Insert a row; False when a unique index says that it is there already, and nothing has changed."""
    result = await tx.execute(_or_nothing(tx, type(row), _values(row)))
    assert isinstance(result, CursorResult)  # noqa: S101  # tells mypy what an INSERT returns
    return result.rowcount == 1


async def insert(tx: Tx, row: Row) -> None:
    """Insert a row now, so that the next statement finds it."""
    tx.add(row)
    await tx.flush()


def _or_nothing(tx: Tx, table: type[Row], values: dict[str, Any]) -> Insert:
    if tx.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(**values).on_conflict_do_nothing()
    return sqlite.insert(table).values(**values).on_conflict_do_nothing()


def _values(row: Row) -> dict[str, Any]:
    attributes = inspect(type(row)).column_attrs
    values = {attribute.key: getattr(row, attribute.key) for attribute in attributes}
    return {key: value for key, value in values.items() if value is not None}
