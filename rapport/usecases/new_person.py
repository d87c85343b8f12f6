"""Getting to know one person: by hand or by another system; lists of people are imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.clock import Clock
from rapport.ids import address_key, new_candidate_id
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow
from rapport.usecases.addresses import address_of, refuse_taken
from rapport.usecases.cause import Cause
from rapport.usecases.colleagues import refuse_colleague
from rapport.usecases.consenting import Grant, grant
from rapport.usecases.profile import checked, fill_in, note_change
from rapport.usecases.segments import refresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The consent that a new person gave: for which purposes, on which basis, with which words, and where.

    Without a `source` it is where the person is known from. `until` ends it before the purpose does.
    """

    purposes: tuple[str, ...]
    basis: str
    text: str
    source: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody whom we do not know yet; without `granted` they are stored and get no mail."""

    email: str = field(repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    granted: Granted | None = None


async def add_person(tx: Tx, clock: Clock, new: NewPerson, *, pepper: bytes, cause: str) -> CandidateRow:
    """Store a person; segments that they belong to hold them at once.

    BadInput for a field that does not fit, for an address of a colleague, and for consent that `grant` would not write
    down. Refused (`address_taken`) with the id of whoever has the address, (`erased`) when its owner asked to be
    forgotten.
    """
    email, values = address_of(new.email), await checked(tx, new.fields)
    key = address_key(email, pepper)
    await refuse_colleague(tx, email)
    await refuse_taken(tx, key)
    row = CandidateRow(id=new_candidate_id(), recorded_at=clock.now(), email=email, email_key=key)
    changed = fill_in(row, values)
    await insert(tx, row)
    because = Cause(text=cause, at=clock.walk_time(row.id))
    await note_change(tx, clock, row.id, ("email", *changed), cause=because)
    if new.granted is not None:
        await _grant(tx, clock, row, new.granted, because)
    await refresh(tx, clock, [row.id], cause=because)
    return row


async def _grant(tx: Tx, clock: Clock, row: CandidateRow, granted: Granted, cause: Cause) -> None:
    source = granted.source or row.source or ""
    for purpose in dict.fromkeys(granted.purposes):
        given = Grant(purpose=purpose, text=granted.text, source=source, basis=granted.basis, until=granted.until)
        await grant(tx, clock, row.id, given, by=cause.text, key=f"new:{row.id}:{purpose}")
