"""Forgetting a person: what is personal goes, what proves that mails were rightly sent or stopped stays."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, String, cast, delete, or_, select, update

from rapport.crm.traces import leaves_trace
from rapport.store.columns import Row
from rapport.store.database import Tx
from rapport.store.erasure_rules import GONE, RULES, Delete, Empty, Of
from rapport.store.mentions import Words, blot_out, full_names, words_about
from rapport.store.tables.doors import IdempotencyRow
from rapport.store.tables.identities import AddressRow, IdentityRow, MergeRow
from rapport.store.tables.incoming import IncomingMailRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.provider_events import ProviderEventRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.walks import EnrollmentRow

_Found: TypeAlias = ColumnElement[bool]


async def erase(tx: Tx, candidate: str, at: datetime) -> Words:
    """Empty everything personal in our rows; the id, the ledger of consent and the hashed suppression stay.

    So it is for the rows that were merged into the person's, and the person is not named in rows of others any more.
    Whoever calls it keeps the keys of their addresses and names. By what they were named, for texts that are yet to be
    written.
    """
    people = await everybody(tx, candidate)
    addresses = await addresses_of(tx, people)
    words = await words_about(tx, people, addresses.values())
    await _forget_answers(tx, [*people, *addresses.values()])
    await _forget_unread(tx, Words(whole=addresses.values(), names=await full_names(tx, people)).spelled())
    unplaced = ProviderEventRow.address_key.in_(addresses.keys())
    await tx.execute(update(ProviderEventRow).where(unplaced).values(address_key=None))
    await _leave_applications(tx, people)
    for rule in RULES:
        match rule:
            case Delete(table=table, column=column, of=of):
                await tx.execute(delete(table).where(theirs(table, column, of, people)))
            case Empty(table=table, column=column, of=of, values=values):
                await tx.execute(update(table).where(theirs(table, column, of, people)).values(**values))
            case _:
                pass
    await tx.execute(update(CandidateRow).where(CandidateRow.id.in_(people)).values(erased_at=at))
    await blot_out(tx, words)
    return words


async def everybody(tx: Tx, candidate: str) -> Sequence[str]:
    """The ids of all rows that are this person: theirs, and those that were merged into it."""
    found, newest = [candidate], [candidate]
    while newest:
        gone = (await tx.scalars(select(MergeRow.gone).where(MergeRow.kept.in_(newest)))).all()
        newest = [each for each in gone if each not in found]
        found += newest
    return found


async def addresses_of(tx: Tx, people: Collection[str]) -> dict[str, str]:
    """All addresses of these rows, by their keys."""
    first = select(CandidateRow.email_key, CandidateRow.email).where(CandidateRow.id.in_(people))
    further = select(AddressRow.key, AddressRow.email).where(AddressRow.candidate.in_(people))
    return {key: email for query in (first, further) for key, email in await tx.execute(query) if key and email}


async def name_keys_of(tx: Tx, people: Collection[str]) -> Sequence[str]:
    """The keys of what other systems call these rows."""
    return (await tx.scalars(select(IdentityRow.key).where(IdentityRow.candidate.in_(people)))).all()


def theirs(table: type[Row], column: str, of: Of, people: Collection[str]) -> _Found:
    """The rows of a table that lead to these people."""
    walks = select(EnrollmentRow.id).where(EnrollmentRow.candidate.in_(people))
    reference = getattr(table, column)
    match of:
        case "candidate":
            found = reference.in_(people)
        case "enrollment":
            found = reference.in_(walks)
        case "send":
            found = reference.in_(select(SendRow.id).where(SendRow.enrollment.in_(walks)))
        case "happening":
            found = reference.in_(select(HappeningRow.id).where(HappeningRow.candidate.in_(people)))
        case "application":
            found = reference.in_(select(ApplicationRow.id).where(ApplicationRow.candidate.in_(people)))
    theirs: _Found = found
    return theirs


async def _leave_applications(tx: Tx, people: Collection[str]) -> None:
    """A walk of somebody else may be about one of theirs: an ATS can hand an application on."""
    about = theirs(EnrollmentRow, "application", "application", people)
    await tx.execute(update(EnrollmentRow).where(about).values(application=None))


async def _forget_answers(tx: Tx, texts: Collection[str]) -> None:
    """An API call about the person that is repeated is not answered with what was known of them then."""
    answer = cast(IdempotencyRow.response, String)
    spoken = or_(*(answer.contains(text, autoescape=True) for text in texts))
    await tx.execute(delete(IdempotencyRow).where(spoken).execution_options(synchronize_session=False))


async def _forget_unread(tx: Tx, texts: Collection[str]) -> None:
    """Of mails that nobody could read, empty those in which the person is named."""
    row = IncomingMailRow
    for key in (await tx.scalars(select(row.key).where(row.raw.is_not(None)))).all():
        # One at a time: each holds up to 256 kB, and nobody knows how many there are.
        raw = await tx.scalar(select(row.raw).where(row.key == key))
        if raw is not None and leaves_trace(raw, texts):
            await tx.execute(update(row).where(row.key == key).values(raw=None, reason=GONE))
