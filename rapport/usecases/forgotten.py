"""Whether somebody who comes in anew is one who asked to be forgotten: addresses and names, by keyed hashes only."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from rapport.ids import address_key, name_key
from rapport.store import consents, erasure
from rapport.store.database import Tx
from rapport.store.tables.consent import SuppressionRow

# The scope of a suppression that is no address.
_NAME = "name"


async def was_forgotten(
    tx: Tx, *, emails: Collection[str] = (), names: Collection[tuple[str, str]] = (), pepper: bytes
) -> bool:
    """Whether any of these addresses or names (system, value) belonged to somebody who was erased."""
    keys = [*(address_key(email, pepper) for email in emails), *(name_key(*name, pepper) for name in names)]
    if not keys:
        return False
    row = SuppressionRow
    query = select(row.key).where(row.key.in_(keys), row.reason == consents.ERASED).limit(1)
    return (await tx.scalar(query)) is not None


async def forget_names(tx: Tx, candidate: str, *, pepper: bytes, at: datetime) -> None:
    """Turn what other systems call an erased person into keyed hashes, so that no system creates them anew."""
    for name in await erasure.names_of(tx, candidate):
        key = name_key(*name, pepper)
        await consents.suppress(tx, key, scope=_NAME, reason=consents.ERASED, at=at, recorded_at=at)
    await erasure.forget_names(tx, candidate)
