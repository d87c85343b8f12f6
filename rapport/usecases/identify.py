"""Recognizing people by their addresses, by what other systems call them, and by the links to their profiles."""

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import select

from rapport.ids import address_key
from rapport.store import identities
from rapport.store.database import Tx
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow

Thing = TypeVar("Thing")
# SQLite and PostgreSQL take some 32,000 values in a statement, and a name has two.
_AT_ONCE = 1000


async def find_people(
    tx: Tx, *, emails: Collection[str] = (), names: Collection[tuple[str, str]] = (), pepper: bytes
) -> Sequence[str]:
    """The ids of all candidates whom one of these belongs to, each once, in alphabetical order.

    `names` are pairs of a system and what it calls the person: the key of an ATS connection with the ATS's id, or
    `profile` with a link as `profile_link` spells it. One id is the person; several are people who may be one.
    """
    found: set[str] = set()
    for keys in _pages(sorted({address_key(email, pepper) for email in emails})):
        found |= {*await tx.scalars(select(CandidateRow.id).where(CandidateRow.email_key.in_(keys)))}
        found |= {*await tx.scalars(select(AddressRow.candidate).where(AddressRow.key.in_(keys)))}
    for page in _pages(sorted(set(names))):
        found |= {*await identities.named_any(tx, page)}
    return sorted(found)


def _pages(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    return (things[start : start + _AT_ONCE] for start in range(0, len(things), _AT_ONCE))
