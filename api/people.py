"""Naming a person: by id, or by an address that is hashed at once and never repeated."""

from rapport.errors import NotFound
from rapport.ids import address_key
from rapport.store import candidates
from rapport.store.database import Tx

_HINT = "Import the person first: rapport import FILE.csv."


async def candidate_id(tx: Tx, *, candidate: str | None, email: str | None, pepper: bytes) -> str:
    """The id of whoever is named; NotFound without the address in it."""
    if candidate is not None:
        return (await candidates.get(tx, candidate)).id
    row = await candidates.by_key(tx, address_key(email or "", pepper))
    if row is None:
        raise NotFound(kind="candidate", name="with this address", hint=_HINT)
    return row.id
