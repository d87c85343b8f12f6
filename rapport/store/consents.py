"""The ledger of consent, and the list of addresses that get no mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update

from rapport.store.database import Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.consent import ConsentRow, SuppressionRow

ALL = "all"
ERASED = "erased"


async def ledger(tx: Tx, candidate: str) -> Sequence[ConsentRow]:
    """Everything that this person has granted and withdrawn, oldest first."""
    query = select(ConsentRow).where(ConsentRow.candidate == candidate).order_by(ConsentRow.at, ConsentRow.id)
    return (await tx.scalars(query)).all()


async def record(
    tx: Tx,
    *,
    candidate: str,
    purpose: str,
    state: Literal["granted", "withdrawn"],
    source: str,
    at: datetime,
    recorded_at: datetime,
    basis: str = "consent",
    text: str = "",
    expires_at: datetime | None = None,
) -> None:
    """Append one entry to the ledger; entries are never changed."""
    row = ConsentRow(
        candidate=candidate,
        purpose=purpose,
        state=state,
        basis=basis,
        text=text,
        source=source,
        at=at,
        recorded_at=recorded_at,
        expires_at=expires_at,
    )
    await insert(tx, row)


async def suppress(tx: Tx, key: str, *, scope: str, reason: str, at: datetime, recorded_at: datetime) -> None:
    """Write no more to the address with this key, for `all` or for one purpose; the first reason stays.

    Only erasure replaces another reason: it must be found again when the address is imported once more.
    """
    row = SuppressionRow(key=key, scope=scope, reason=reason, at=at, recorded_at=recorded_at)
    if not await insert_once(tx, row) and reason == ERASED:
        this = (SuppressionRow.key == key) & (SuppressionRow.scope == scope)
        await tx.execute(update(SuppressionRow).where(this).values(reason=reason))


async def suppressed(tx: Tx, key: str | None) -> frozenset[str]:
    """The purposes, or `all`, for which the address with this key gets no mail."""
    if key is None:
        return frozenset()
    return frozenset((await tx.scalars(select(SuppressionRow.scope).where(SuppressionRow.key == key))).all())


async def is_suppressed(tx: Tx, key: str | None, purpose: str) -> bool:
    """Whether this address gets no mail for a purpose, whatever consent says; nor does someone without an address."""
    return key is None or bool(await suppressed(tx, key) & {ALL, purpose})


async def was_erased(tx: Tx, key: str) -> bool:
    """Whether the person with this address asked to be forgotten."""
    query = select(SuppressionRow.reason).where(SuppressionRow.key == key, SuppressionRow.reason == ERASED)
    return (await tx.scalars(query)).first() is not None
