"""Inserting many rows of one table: as `insert` does it, without the cost of looking at every value by itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Table, insert

from rapport.store.columns import Row
from rapport.store.database import Tx

_Convert: TypeAlias = Callable[[Any], Any] | None


async def insert_many(tx: Tx, kind: type[Row], rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]) -> None:
    """Insert rows that name the same columns; those in `same` hold one value in all of them.

    Columns that are left out are counted up or empty: defaults of the class do not apply.
    """
    if not rows:
        return
    connection = await tx.connection()
    sql, columns = _prepared(kind, (*rows[0], *same), connection.dialect)
    fixed = {name: convert(same[name]) if convert else same[name] for name, convert in columns if name in same}
    values = [_column(name, convert, rows, fixed) for name, convert in columns]
    await connection.exec_driver_sql(sql, [*zip(*values, strict=True)])


def _column(name: str, convert: _Convert, rows: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> Sequence[Any]:
    if name in fixed:
        return [fixed[name]] * len(rows)
    return [convert(row[name]) for row in rows] if convert else [row[name] for row in rows]


@lru_cache(maxsize=100)
def _prepared(kind: type[Row], names: tuple[str, ...], dialect: Dialect) -> tuple[str, Sequence[tuple[str, _Convert]]]:
    """The statement, and its columns in order with what makes their values ready for the driver."""
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101  # tells mypy that no row of ours is a view
    compiled = insert(table).compile(dialect=dialect, column_keys=[*names])
    places = compiled.positiontup
    assert places is not None  # noqa: S101  # both drivers of ours number their values
    return str(compiled), [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in places]
