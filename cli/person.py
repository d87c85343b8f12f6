"""Finding the person that somebody names on the command line."""

from rapport.errors import NotFound, Refused
from rapport.ids import address_key
from rapport.store import candidates
from rapport.store.database import Tx
from rapport.usecases.forgotten import was_forgotten

_HINT = "Add them: rapport candidates add EMAIL, or a list of people: rapport import FILE.csv."


async def candidate_of(tx: Tx, name: str, pepper: bytes) -> str:
    """The id behind an id or an address; NotFound when we know neither, Refused (`erased`) for one who was erased."""
    if "@" not in name:
        return (await candidates.get(tx, name)).id
    row = await candidates.by_key(tx, address_key(name, pepper))
    if row is None and await was_forgotten(tx, emails=[name], pepper=pepper):
        message = "The owner of this address asked to be forgotten."
        raise Refused(reason="erased", message=message, hint="Nothing is left of them; no record leads there.")
    if row is None:
        raise NotFound(kind="candidate with the address", name=name, hint=_HINT)
    return row.id
