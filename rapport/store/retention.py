"""Dropping what has had its time, some hundred rows in a transaction, the oldest first."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CursorResult, Delete, delete, select, tuple_

from rapport.store.database import Tx
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.provider_events import ProviderEventRow

_SWEPT_AT_ONCE = 500


async def drop_mails(tx: Tx, *, outcomes: Collection[str], before: datetime) -> int:
    """Drop what is kept of mails that came in, with one of these outcomes; how many there were."""
    row = IncomingMailRow
    old = select(row.key).where(row.outcome.in_(outcomes), row.recorded_at < before)
    return await _deleted(tx, delete(row).where(row.key.in_(old.order_by(row.recorded_at).limit(_SWEPT_AT_ONCE))))


async def drop_provider_events(tx: Tx, *, outcomes: Collection[str], before: datetime) -> int:
    """Drop what providers told, with one of these outcomes; how many there were."""
    row = ProviderEventRow
    old = select(row.provider, row.id).where(row.outcome.in_(outcomes), row.recorded_at < before)
    oldest = old.order_by(row.recorded_at).limit(_SWEPT_AT_ONCE)
    return await _deleted(tx, delete(row).where(tuple_(row.provider, row.id).in_(oldest)))


async def drop_errands(tx: Tx, *, before: datetime) -> int:
    """Drop errands to an ATS that were done before an instant; how many there were. Open ones stay, however old."""
    row = AtsErrandRow
    old = select(row.id).where(row.state == "done", row.done_at < before)
    return await _deleted(tx, delete(row).where(row.id.in_(old.order_by(row.id).limit(_SWEPT_AT_ONCE))))


async def _deleted(tx: Tx, statement: Delete) -> int:
    result = await tx.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101  # tells mypy what a DELETE returns
    return result.rowcount
