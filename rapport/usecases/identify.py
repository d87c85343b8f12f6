"""Recognizing people by their addresses, by what other systems call them, and by the links to their profiles."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from rapport.ids import address_key
from rapport.store import identities
from rapport.store.database import Tx
from rapport.store.portions import portions
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow


async def find_people(
    tx: Tx, *, emails: Collection[str] = (), names: Collection[tuple[str, str]] = (), pepper: bytes
) -> Sequence[str]:
    """The ids of all candidates whom one of these belongs to, each once, in alphabetical order.

    `names` are pairs of a system and what it calls the person: the key of an ATS connection with the ATS's id, or
    `profile` with a link as `profile_link` spells it. One id is the person; several are people who may be one.
    """
    found: set[str] = set()
    for keys in portions(sorted({address_key(email, pepper) for email in emails})):
        found |= {*await tx.scalars(select(CandidateRow.id).where(CandidateRow.email_key.in_(keys)))}
        found |= {*await tx.scalars(select(AddressRow.candidate).where(AddressRow.key.in_(keys)))}
    for page in portions(sorted(set(names))):
        found |= {*await identities.named_any(tx, page)}
    return sorted(found)
