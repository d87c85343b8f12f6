"""Finding people by what else they are recognized by."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from rapport.ids import name_key
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.identities import AddressRow, IdentityRow, MergeRow

PROFILE = "profile"


async def named(tx: Tx, system: str, value: str) -> str | None:
    """The id of the candidate whom another system calls so."""
    row = await tx.get(IdentityRow, (system, value))
    return row.candidate if row else None


async def named_any(tx: Tx, names: Collection[tuple[str, str]]) -> Sequence[str]:
    """The ids of all candidates with one of these names (system, value), each once, in alphabetical order."""
    if not names:
        return ()
    row = IdentityRow
    found = select(row.candidate).where(tuple_(row.system, row.value).in_(list(names)))
    return (await tx.scalars(found.distinct().order_by(row.candidate))).all()


async def name(tx: Tx, candidate: str, system: str, value: str, *, pepper: bytes, recorded_at: datetime) -> bool:
    """Write down what another system calls the person; False when that name is taken, also by the same person."""
    key = name_key(system, value, pepper)
    row = IdentityRow(system=system, value=value, candidate=candidate, key=key, recorded_at=recorded_at)
    return await insert_once(tx, row)


async def names_of(tx: Tx, candidate: str) -> Sequence[tuple[str, str]]:
    """All names of a person as (system, value), in alphabetical order."""
    row = IdentityRow
    found = select(row.system, row.value).where(row.candidate == candidate).order_by(row.system, row.value)
    return [(system, value) for system, value in await tx.execute(found)]


async def addresses_of(tx: Tx, candidate: str) -> Sequence[str]:
    """The further addresses of a person, in alphabetical order."""
    row = AddressRow
    return (await tx.scalars(select(row.email).where(row.candidate == candidate).order_by(row.email))).all()


async def kept(tx: Tx, candidate: str) -> str:
    """The id that a person has now: their own, or the one that they were merged into."""
    while (row := await tx.get(MergeRow, candidate)) is not None:
        candidate = row.kept
    return candidate


async def kept_all(tx: Tx, candidates: Collection[str]) -> Mapping[str, str]:
    """For each of these ids the one that the person has now, as `kept` says it."""
    now = {name: name for name in candidates}
    row = MergeRow
    while True:
        query = select(row.gone, row.kept).where(row.gone.in_({*now.values()}))
        led: dict[str, str] = {gone: kept for gone, kept in await tx.execute(query)}  # noqa: C416  # mypy knows no dict of rows
        if not led:
            return now
        now = {name: led.get(known, known) for name, known in now.items()}
