"""Whether somebody who comes in anew is one who asked to be forgotten: addresses and names, by keyed hashes only."""

from collections.abc import Collection

from sqlalchemy import select

from rapport.ids import address_key, name_key
from rapport.store import consents
from rapport.store.database import Tx
from rapport.store.portions import portions
from rapport.store.tables.consent import SuppressionRow


async def was_forgotten(
    tx: Tx, *, emails: Collection[str] = (), names: Collection[tuple[str, str]] = (), pepper: bytes
) -> bool:
    """Whether any of these addresses or names (system, value) belonged to somebody who was erased."""
    keys = [*(address_key(email, pepper) for email in emails), *(name_key(*name, pepper) for name in names)]
    return bool(await forgotten_among(tx, keys))


async def forgotten_among(tx: Tx, keys: Collection[str]) -> set[str]:
    """Which of these keys of addresses and names belonged to people who were erased."""
    row, found, asked = SuppressionRow, set[str](), sorted(set(keys))
    for page in portions(asked):
        found |= set(await tx.scalars(select(row.key).where(row.key.in_(page), row.reason == consents.ERASED)))
    return found
