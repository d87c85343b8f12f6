"""What the store knows about the people of a batch of rows, asked for with a few statements for all of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select, tuple_

from rapport.store.database import Tx
from rapport.store.portions import portions
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.identities import AddressRow, IdentityRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow, TagRow
from rapport.usecases.forgotten import forgotten_among

# What a list may say of a person, and the address that mails go to.
PROFILE_COLUMNS: Final = (
    "email",
    "email_key",
    "first_name",
    "last_name",
    "locale",
    "timezone",
    "country",
    "city",
    "seniority",
    "skills",
    "source",
    "owner_recruiter",
    "joined_on",
    "custom",
)


@dataclass(slots=True, kw_only=True)
class Traces:
    """Whom addresses (by key) and names lead to.

    `forgotten` are keys of addresses and names of people who were erased.
    """

    addresses: dict[str, str] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    forgotten: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class State:
    """What is known of people, kept current while the rows of a page change them.

    `people` holds the columns of each one's profile (`PROFILE_COLUMNS`), `consents` the purposes in the ledger.
    """

    people: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    tags: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pools: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    consents: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def nobody() -> dict[str, Any]:
    """The profile of somebody of whom nothing is known."""
    return {**dict.fromkeys(PROFILE_COLUMNS), "skills": [], "custom": {}}


async def traces_of(
    tx: Tx, keys: Collection[str], names: Collection[tuple[str, str]], *, name_keys: Collection[str]
) -> Traces:
    """Whom these lead to, and which of them belonged to somebody who was erased."""
    found = Traces()
    for page in portions(sorted(set(keys))):
        first = select(CandidateRow.email_key, CandidateRow.id).where(CandidateRow.email_key.in_(page))
        further = select(AddressRow.key, AddressRow.candidate).where(AddressRow.key.in_(page))
        for key, person in [*await tx.execute(further), *await tx.execute(first)]:
            found.addresses[str(key)] = person
    found.forgotten |= await forgotten_among(tx, {*keys, *name_keys})
    for pairs in portions(sorted(set(names))):
        row = IdentityRow
        called = select(row.system, row.value, row.candidate).where(tuple_(row.system, row.value).in_(pairs))
        for system, value, person in await tx.execute(called):
            found.names[system, value] = person
    return found


async def state_of(tx: Tx, people: Collection[str], *, at: datetime) -> State:
    """What is known of these people."""
    found = State()
    columns = [getattr(CandidateRow, name) for name in PROFILE_COLUMNS]
    member = PoolMemberRow
    lasting = or_(member.expires_at.is_(None), member.expires_at > at)
    for page in portions(sorted(set(people))):
        query = select(CandidateRow.id, *columns).where(CandidateRow.id.in_(page)).order_by(CandidateRow.id)
        for person, *values in await tx.execute(query):
            found.people[person] = dict(zip(PROFILE_COLUMNS, values, strict=True))
        for into, sort in (
            (found.tags, select(TagRow.candidate, TagRow.tag).where(TagRow.candidate.in_(page))),
            (found.pools, select(member.candidate, member.pool).where(member.candidate.in_(page), lasting)),
            (found.consents, _consents(page)),
        ):
            for person, word in await tx.execute(sort):
                into[person].add(word)
    return found


def _consents(people: Sequence[str]) -> Any:
    row = ConsentRow
    return select(row.candidate, row.purpose).where(row.candidate.in_(people)).distinct()


def joined(traces: Traces, keys: Collection[str], names: Collection[tuple[str, str]]) -> set[str]:
    """Whom one of these leads to."""
    by_address = {traces.addresses[key] for key in keys if key in traces.addresses}
    return by_address | {traces.names[name] for name in names if name in traces.names}
