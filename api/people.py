"""Naming a person: by id, or by an address that is hashed at once and never repeated."""

from api.door import Door
from api.shapes import Person
from rapport.errors import NotFound
from rapport.ids import address_key
from rapport.store import candidates
from rapport.store.database import Tx

_HINT = "Make the person known first: POST /v1/candidates, or a list of people by POST /v1/imports."


async def candidate_id(tx: Tx, behind: Door, named: Person) -> str:
    """The id of whoever is named, by the address where there is one; NotFound without the address in it."""
    if named.email is None:
        return (await candidates.get(tx, named.candidate or "")).id
    row = await candidates.by_key(tx, address_key(named.email, behind.house.settings.pepper))
    if row is None:
        raise NotFound(kind="candidate with the address", name="…", hint=_HINT)
    return row.id
