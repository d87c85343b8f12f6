"""Finding what mail providers told us."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, func, select

from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.provider_events import ProviderEventRow, ProviderProofRow
from rapport.store.tables.visits import VisitRow


async def page(
    tx: Tx, *, outcome: str | None = None, provider: str | None = None, limit: int = 50
) -> Sequence[ProviderEventRow]:
    """The newest events with this outcome, of this provider."""
    query = select(ProviderEventRow)
    if outcome is not None:
        query = query.where(ProviderEventRow.outcome == outcome)
    if provider is not None:
        query = query.where(ProviderEventRow.provider == provider)
    newest = query.order_by(ProviderEventRow.recorded_at.desc(), ProviderEventRow.id)
    return (await tx.scalars(newest.limit(limit))).all()


async def counts(tx: Tx) -> Sequence[Row[str, str, str, str, int]]:
    """How many events there are by provider, outcome, kind and word, as `number`."""
    columns = (ProviderEventRow.provider, ProviderEventRow.outcome, ProviderEventRow.kind, ProviderEventRow.word)
    return (
        await tx.execute(select(*columns, func.count().label("number")).group_by(*columns).order_by(*columns))
    ).all()


async def vouch(tx: Tx, row: ProviderProofRow, *, forget: timedelta) -> bool:
    """Let a proof vouch for a body; False when it has vouched for another one. Proofs are kept for `forget`."""
    old = ProviderProofRow.recorded_at < row.recorded_at - forget
    await tx.execute(delete(ProviderProofRow).where(old))
    if await insert_once(tx, row):
        return True
    return (await tx.get_one(ProviderProofRow, (row.provider, row.proof))).body_hash == row.body_hash


async def seen_by_us(tx: Tx, *, send: int, kind: str, number: int, agent: str, at: datetime, within: timedelta) -> bool:
    """Whether a visit by the same agent to the same link or pixel is there, `within` so long before or after."""
    row = VisitRow
    same = select(row.key).where(
        row.send == send,
        row.seen_at >= at - within,
        row.seen_at <= at + within,
        row.kind == kind,
        row.number == number,
        row.agent == agent,
    )
    return await tx.scalar(same.limit(1)) is not None
