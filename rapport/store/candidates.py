"""Finding candidates, and what they are part of."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from rapport.errors import NotFound
from rapport.store.ahead import ahead_of
from rapport.store.database import Tx
from rapport.store.identities import kept
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow


async def get(tx: Tx, candidate: str) -> CandidateRow:
    """The candidate of an id, or whom they were merged into; NotFound when there is none."""
    row = await tx.get(CandidateRow, candidate)
    if row is not None and _may_be_merged(row):
        row = await tx.get(CandidateRow, await kept(tx, row.id))
    return _known(row, candidate)


async def lock(tx: Tx, candidate: str) -> CandidateRow | None:
    """The same as it is now, to nobody else until the transaction ends, not even to a hand at the database."""
    known = ahead_of(tx).people.pop(candidate, None)
    row = known if known is not None else await tx.scalar(_ALONE, {"candidate": candidate})
    if row is None or not _may_be_merged(row) or (now := await kept(tx, row.id)) == row.id:
        return row
    return await lock(tx, now)


async def lock_all(tx: Tx, *, ids: Collection[str], keys: Collection[str]) -> Sequence[CandidateRow]:
    """Those who have one of the ids, or an address with one of the keys, as `lock` has one."""
    return (await tx.scalars(_ALL_ALONE, {"ids": list(ids), "keys": list(keys)})).all()


async def get_alone(tx: Tx, candidate: str) -> CandidateRow:
    """The candidate as `lock` has it; NotFound when there is none."""
    return _known(await lock(tx, candidate), candidate)


async def by_key(tx: Tx, key: str) -> CandidateRow | None:
    """The candidate who has the address with this key, be it a further one."""
    for person in ahead_of(tx).people.values():
        if person.email_key == key:
            return person
    found = await tx.scalar(select(CandidateRow).where(CandidateRow.email_key == key))
    if found is not None:
        return found
    further = await tx.get(AddressRow, key)
    return await tx.get(CandidateRow, further.candidate) if further else None


async def tags_of(tx: Tx, candidate: str) -> Sequence[str]:
    """The candidate's tags, in alphabetical order."""
    return (await tx.scalars(select(TagRow.tag).where(TagRow.candidate == candidate).order_by(TagRow.tag))).all()


async def pools_of(tx: Tx, candidate: str, at: datetime) -> Sequence[str]:
    """The pools that the candidate is in at an instant, in alphabetical order."""
    member = PoolMemberRow
    lasting = or_(member.expires_at.is_(None), member.expires_at > at)
    return (
        await tx.scalars(select(member.pool).where(member.candidate == candidate, lasting).order_by(member.pool))
    ).all()


def _may_be_merged(row: CandidateRow) -> bool:
    """Who was merged has nothing left; asking for the others as well would cost every mail a statement."""
    return row.email_key is None and row.erased_at is None


def unknown(candidate: str) -> NotFound:
    """The error about an id that is nobody's."""
    hint = "Ids look like c_ab12…; find them with: `rapport candidates list`."
    return NotFound(kind="candidate", name=candidate, hint=hint)


def _known(row: CandidateRow | None, candidate: str) -> CandidateRow:
    if row is None:
        raise unknown(candidate)
    return row


_ALONE = (
    select(CandidateRow)
    .where(CandidateRow.id == bindparam("candidate"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ALL_ALONE = (
    select(CandidateRow)
    .where(
        or_(
            CandidateRow.id.in_(bindparam("ids", expanding=True)),
            CandidateRow.email_key.in_(bindparam("keys", expanding=True)),
        )
    )
    .order_by(CandidateRow.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
