"""Inserting a moment later: the rows of many blocks of one transaction go in with one statement for each table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import Insert, Table, event, insert, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from rapport.store.columns import Row
from rapport.store.database import Tx

_SOON: Final = "rapport_soon"


@dataclass(slots=True)
class _Soon:
    """What has still to be inserted, and how often anything was changed so far."""

    rows: dict[type[Row], list[Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    changes: int = 0


def gather_inserts(tx: Tx) -> None:
    """From here on, rows of `insert_soon` wait for each other, but never longer than until the next statement.

    So whatever this transaction reads is as if they had been inserted at once.
    """
    soon = tx.info[_SOON] = _Soon()

    def before_statement(state: ORMExecuteState) -> None:
        soon.changes += not state.is_select
        _insert_all(state.session, soon)

    def before_flush(session: Session, *_: object) -> None:
        soon.changes += 1
        _insert_all(session, soon)

    event.listen(tx.sync_session, "do_orm_execute", before_statement)
    event.listen(tx.sync_session, "before_flush", before_flush)
    event.listen(tx.sync_session, "before_commit", lambda session: _insert_all(session, soon))


async def insert_soon(tx: Tx, row: Row) -> None:
    """Insert a row whose number nobody asks for: at once, or with others where inserts are gathered."""
    soon: _Soon | None = tx.info.get(_SOON)
    if soon is None:
        await tx.execute(_insert(type(row)), _values(row))
        return
    soon.changes += 1
    soon.rows.setdefault(type(row), []).append(_values(row))


def changes_of(tx: Tx) -> int:
    """A number that is the same as before as long as nothing is changed; only where inserts are gathered."""
    soon: _Soon = tx.info[_SOON]
    return soon.changes + len(tx.new) + len(tx.dirty) + len(tx.deleted)


def _insert_all(session: Session, soon: _Soon) -> None:
    rows, soon.rows = soon.rows, {}
    for kind in sorted(rows, key=_place) if len(rows) > 1 else rows:
        session.connection().execute(_insert(kind), rows[kind])


@cache
def _place(kind: type[Row]) -> int:
    """Where a table stands among all of them: behind those that it refers to."""
    return Row.metadata.sorted_tables.index(_table(kind))


@cache
def _insert(kind: type[Row]) -> Insert:
    return insert(_table(kind))


@cache
def _columns(kind: type[Row]) -> Sequence[str]:
    """All but the number that the database counts up."""
    counted = _table(kind).autoincrement_column
    return tuple(attribute.key for attribute in inspect(kind).column_attrs if attribute.columns[0] is not counted)


def _table(kind: type[Row]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101  # tells mypy that no row of ours is a view
    return table


def _values(row: Row) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in _columns(type(row))}
