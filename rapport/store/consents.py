"""The ledger of consent, and the list of addresses that get no mail."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import delete, select, update

from rapport.store.database import Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.consent import ConsentRow, SuppressionRow

State: TypeAlias = Literal["granted", "withdrawn", "paused", "resumed"]

ALL = "all"
# The scope of what is no address: the name of an erased person in another system.
NAME = "name"
ERASED = "erased"
# The reasons that end when the person agrees anew: they alone gave the first, and the second says that they have not
# agreed.
UNSUBSCRIBED = "unsubscribed"
FORBIDDEN_BY_ATS = "forbidden_by_ats"
TAKEN_BACK_BY_CONSENT = (UNSUBSCRIBED, FORBIDDEN_BY_ATS)


async def ledger(tx: Tx, candidate: str) -> Sequence[ConsentRow]:
    """Everything that this person has granted and withdrawn, oldest first."""
    query = select(ConsentRow).where(ConsentRow.candidate == candidate).order_by(ConsentRow.at, ConsentRow.id)
    return (await tx.scalars(query)).all()


async def record(
    tx: Tx,
    *,
    candidate: str,
    purpose: str,
    state: State,
    source: str,
    at: datetime,
    recorded_at: datetime,
    basis: str = "consent",
    text: str = "",
    expires_at: datetime | None = None,
    language: str | None = None,
    proof: Mapping[str, Any] | None = None,
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
        language=language,
        text_hash=version_of(text) if text else None,
        proof=dict(proof) if proof else None,
    )
    await insert(tx, row)


def version_of(text: str) -> str:
    """The hash that tells one wording of a consent from every other."""
    return hashlib.sha256(text.encode()).hexdigest()


def paused_until(entries: Sequence[ConsentRow], at: datetime) -> datetime | None:
    """Until when this person, whose ledger it is (oldest entry first), has paused all mails; None when they have not.

    A pause holds at once, also for a walk whose clock is seconds behind.
    """
    said = [entry for entry in entries if entry.state in ("paused", "resumed")]
    if not said or said[-1].state == "resumed":
        return None
    until = said[-1].expires_at
    return until if until is not None and until > at else None


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


async def closed_because(tx: Tx, key: str | None) -> Mapping[str, str]:
    """The reason for each purpose, or `all`, for which the address with this key gets no mail."""
    rows = await tx.scalars(select(SuppressionRow).where(SuppressionRow.key == key)) if key is not None else ()
    return {row.scope: row.reason for row in rows}


async def closing(tx: Tx, keys: Collection[str]) -> Sequence[SuppressionRow]:
    """Everything that closes one of these addresses, oldest first."""
    row = SuppressionRow
    query = select(row).where(row.key.in_(keys)).order_by(row.at, row.key, row.scope)
    return (await tx.scalars(query)).all()


async def reopen(tx: Tx, key: str, scope: str) -> None:
    """Write to the address again, where only its owner had asked us not to, or the ATS knew of no consent."""
    place = (SuppressionRow.key == key) & (SuppressionRow.scope == scope)
    await tx.execute(delete(SuppressionRow).where(place, SuppressionRow.reason.in_(TAKEN_BACK_BY_CONSENT)))


async def allow_again(tx: Tx, key: str) -> None:
    """The ATS does not forbid mails any more; what the ledger of consent says holds as before."""
    row = SuppressionRow
    await tx.execute(delete(row).where(row.key == key, row.scope == ALL, row.reason == FORBIDDEN_BY_ATS))


async def is_suppressed(tx: Tx, key: str | None, purpose: str) -> bool:
    """Whether this address gets no mail for a purpose, whatever consent says; nor does someone without an address."""
    return key is None or bool(await suppressed(tx, key) & {ALL, purpose})


async def was_erased(tx: Tx, key: str) -> bool:
    """Whether the person with this address asked to be forgotten."""
    query = select(SuppressionRow.reason).where(SuppressionRow.key == key, SuppressionRow.reason == ERASED)
    return (await tx.scalars(query)).first() is not None
