"""What an ATS told last, and how far it has been read."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from rapport.store import identities
from rapport.store.database import Tx
from rapport.store.once import insert_once
from rapport.store.tables.ats import AtsApplicationRow, AtsConnectionRow, AtsPersonRow
from rapport.store.tables.identities import IdentityRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow

# A webhook comes moments after what it tells of, and clocks differ: what happened on the day before is news as well.
_NEWS_BEGIN = timedelta(days=1)


async def connection(tx: Tx, name: str, *, now: datetime) -> AtsConnectionRow:
    """How far a connection has been read; the first look divides its history from its news."""
    await insert_once(tx, AtsConnectionRow(connection=name, since=now - _NEWS_BEGIN, recorded_at=now))
    return await tx.get_one(AtsConnectionRow, name, populate_existing=True)


async def known_connection(tx: Tx, name: str) -> AtsConnectionRow | None:
    """How far a connection has been read; None before the first look."""
    return await tx.get(AtsConnectionRow, name)


async def connections(tx: Tx) -> Sequence[AtsConnectionRow]:
    """Every connection that was read, in alphabetical order."""
    return (await tx.scalars(select(AtsConnectionRow).order_by(AtsConnectionRow.connection))).all()


async def candidate_of(tx: Tx, connection: str, person: str) -> str | None:
    """Our id of an ATS's person: as the ATS told it, else as somebody else wrote it down; merges are followed."""
    row = await tx.get(AtsPersonRow, (connection, person))
    known = row.candidate if row else await identities.named(tx, connection, person)
    return await identities.kept(tx, known) if known else None


async def person_of(tx: Tx, connection: str, candidate: str) -> str | None:
    """The ATS's id of our candidate, the one that it told of last; None when we know none."""
    row = AtsPersonRow
    told = select(row.id).where(row.connection == connection, row.candidate == candidate)
    found = await tx.scalar(told.order_by(row.seen_at.desc(), row.id).limit(1))
    if found is not None:
        return found
    return next((value for system, value in await identities.names_of(tx, candidate) if system == connection), None)


async def ids_of(tx: Tx, connection: str, candidate: str) -> Sequence[str]:
    """All ids under which an ATS has told of our candidate, in alphabetical order."""
    row = AtsPersonRow
    told = select(row.id).where(row.connection == connection, row.candidate == candidate)
    return (await tx.scalars(told.order_by(row.id))).all()


async def told_after(tx: Tx, connection: str, place: str, *, limit: int) -> Sequence[str]:
    """The next ids, in alphabetical order, of people whom an ATS has told of and who are not erased here."""
    row = AtsPersonRow
    told = (
        select(row.id)
        .join(CandidateRow, CandidateRow.id == row.candidate)
        .where(row.connection == connection, row.id > place, CandidateRow.erased_at.is_(None))
    )
    return (await tx.scalars(told.order_by(row.id).limit(limit))).all()


async def drop(tx: Tx, connection: str, person: str) -> None:
    """Forget an id that leads nowhere in the ATS any more, so that nobody asks for it; its person stays known by it."""
    await tx.execute(delete(AtsPersonRow).where(AtsPersonRow.connection == connection, AtsPersonRow.id == person))


async def applications_of(tx: Tx, candidate: str) -> Sequence[ApplicationRow]:
    """All applications of a person, wherever they are known from."""
    row = ApplicationRow
    return (await tx.scalars(select(row).where(row.candidate == candidate).order_by(row.id))).all()


async def applications_at(tx: Tx, connection: str, person: str) -> Sequence[AtsApplicationRow]:
    """The applications that the ATS told of as this person's."""
    row = AtsApplicationRow
    query = select(row).where(row.connection == connection, row.person == person).order_by(row.id)
    return (await tx.scalars(query)).all()


async def is_prospect(tx: Tx, application: str) -> bool:
    """Whether nobody applied there: somebody was only sourced for it."""
    seen = await order_of(tx, application)
    return seen is not None and seen.is_prospect


async def order_of(tx: Tx, application: str) -> AtsApplicationRow | None:
    """What orders the news of an application; None when no ATS told of it."""
    return await tx.get(AtsApplicationRow, application)


async def lead_to(tx: Tx, connection: str, person: str, candidate: str) -> None:
    """Let an id of the ATS lead to a candidate from now on, and its applications with it."""
    named = (IdentityRow.system == connection) & (IdentityRow.value == person)
    await tx.execute(update(IdentityRow).where(named).values(candidate=candidate))
    told = (AtsPersonRow.connection == connection) & (AtsPersonRow.id == person)
    await tx.execute(update(AtsPersonRow).where(told).values(candidate=candidate))
    theirs = select(AtsApplicationRow.id).where(
        AtsApplicationRow.connection == connection, AtsApplicationRow.person == person
    )
    await tx.execute(update(ApplicationRow).where(ApplicationRow.id.in_(theirs)).values(candidate=candidate))
