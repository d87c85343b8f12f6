"""What is known about many people at once: one query for each kind of thing, not one for each person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import CompoundSelect, Select, select, union_all

from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow, SuppressionRow
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.walks import EnrollmentRow

Thing = TypeVar("Thing")


async def people(tx: Tx, names: Sequence[str], *, lock: bool) -> Mapping[str, CandidateRow]:
    """The candidates of these ids; `lock` keeps them from others until the transaction ends."""
    # In one order for everybody, so that two who lock the same people never wait for each other.
    query = select(CandidateRow).where(CandidateRow.id.in_(names)).order_by(CandidateRow.id)
    if lock:
        query = query.with_for_update()
    return {row.id: row for row in await tx.scalars(query.execution_options(populate_existing=True))}


async def by_address(tx: Tx, keys: Iterable[str]) -> Mapping[str, str]:
    """Who has the addresses with these keys, first or further: the id by the key, nobody for a key of a stranger."""
    asked, first, further = list(keys), CandidateRow, AddressRow
    query: CompoundSelect[Any, str] = union_all(
        select(first.email_key, first.id).where(first.email_key.in_(asked)),
        select(further.key, further.candidate).where(further.key.in_(asked)),
    )
    return {str(key): str(name) for key, name in await tx.execute(query)}


async def tags(tx: Tx, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Everybody's tags, in alphabetical order."""
    query = select(TagRow.candidate, TagRow.tag).where(TagRow.candidate.in_(names)).order_by(TagRow.tag)
    return await _pairs(tx, query)


async def memberships(tx: Tx, names: Sequence[str]) -> Mapping[str, Sequence[PoolMemberRow]]:
    """Everybody's memberships of pools, lapsed ones too, in alphabetical order."""
    query = select(PoolMemberRow).where(PoolMemberRow.candidate.in_(names)).order_by(PoolMemberRow.pool)
    return _by_person((row.candidate, row) for row in await tx.scalars(query))


def pools_at(memberships: Sequence[PoolMemberRow], at: datetime) -> list[str]:
    """The pools of these memberships that have not lapsed at an instant."""
    return [row.pool for row in memberships if row.expires_at is None or row.expires_at > at]


async def further_addresses(tx: Tx, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Everybody's further addresses, in alphabetical order."""
    row = AddressRow
    return await _pairs(tx, select(row.candidate, row.email).where(row.candidate.in_(names)).order_by(row.email))


async def suppressed(tx: Tx, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """For each address's key the purposes, or `all`, for which it gets no mail."""
    return await _pairs(tx, select(SuppressionRow.key, SuppressionRow.scope).where(SuppressionRow.key.in_(keys)))


async def ledgers(tx: Tx, names: Sequence[str]) -> Mapping[str, Sequence[ConsentRow]]:
    """Everybody's ledger of consent, oldest entry first."""
    query = select(ConsentRow).where(ConsentRow.candidate.in_(names)).order_by(ConsentRow.at, ConsentRow.id)
    return _by_person((row.candidate, row) for row in await tx.scalars(query))


async def walks(tx: Tx, names: Sequence[str], sequence: str) -> Mapping[str, Sequence[EnrollmentRow]]:
    """Everybody's walks through one sequence, the first one first."""
    query = select(EnrollmentRow).where(EnrollmentRow.candidate.in_(names), EnrollmentRow.sequence == sequence)
    return _by_person((row.candidate, row) for row in await tx.scalars(query.order_by(EnrollmentRow.n)))


async def walk_names(tx: Tx, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The ids of everybody's walks through any sequence, in alphabetical order."""
    row = EnrollmentRow
    return await _pairs(tx, select(row.candidate, row.id).where(row.candidate.in_(names)).order_by(row.id))


async def latest_applications(tx: Tx, names: Sequence[str]) -> Mapping[str, ApplicationRow]:
    """Everybody's latest application."""
    row = ApplicationRow
    newest_last = select(row).where(row.candidate.in_(names)).order_by(row.at, row.id.desc())
    return {found.candidate: found for found in await tx.scalars(newest_last)}


async def _pairs(tx: Tx, query: Select[str, str]) -> Mapping[str, Sequence[str]]:
    return _by_person((person, word) for person, word in await tx.execute(query))


def _by_person(pairs: Iterable[tuple[str, Thing]]) -> Mapping[str, Sequence[Thing]]:
    found: defaultdict[str, list[Thing]] = defaultdict(list)
    for person, thing in pairs:
        found[person].append(thing)
    return found
