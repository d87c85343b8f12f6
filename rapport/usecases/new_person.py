"""Getting to know one person: by hand or by another system; lists of people are imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rapport.clock import Clock
from rapport.errors import BadInput
from rapport.ids import address_key, new_candidate_id
from rapport.store import consents
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.people import CandidateRow
from rapport.usecases.addresses import address_of, refuse_taken
from rapport.usecases.cause import Cause
from rapport.usecases.profile import checked, fill_in, note_change
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The consent that a new person gave: for which purposes, on which basis, with which words."""

    purposes: tuple[str, ...]
    basis: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody whom we do not know yet; without `granted` they are stored and get no mail."""

    email: str = field(repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    granted: Granted | None = None


async def add_person(tx: Tx, clock: Clock, new: NewPerson, *, pepper: bytes, cause: str) -> CandidateRow:
    """Store a person; segments that they belong to hold them at once.

    BadInput for a field that does not fit. Refused (`address_taken`) with the id of whoever has the address, (`erased`)
    when its owner asked to be forgotten.
    """
    email, values = address_of(new.email), await checked(tx, new.fields)
    await _check_purposes(tx, new.granted)
    key = address_key(email, pepper)
    await refuse_taken(tx, key)
    row = CandidateRow(id=new_candidate_id(), recorded_at=clock.now(), email=email, email_key=key)
    changed = fill_in(row, values)
    await insert(tx, row)
    because = Cause(text=cause, at=clock.walk_time(row.id))
    await note_change(tx, clock, row.id, ("email", *changed), cause=because)
    await _grant(tx, clock, row, new.granted, because)
    await refresh(tx, clock, [row.id], cause=because)
    return row


async def _check_purposes(tx: Tx, granted: Granted | None) -> None:
    if granted is None:
        return
    known = (await watch_of(tx)).project.purposes
    for purpose in granted.purposes:
        if purpose not in known:
            raise BadInput(
                place="consent.purposes",
                message=f"{purpose!r} is no purpose in project.yaml.",
                hint=f"There are: {', '.join(sorted(known)) or 'none yet'}.",
            )


async def _grant(tx: Tx, clock: Clock, row: CandidateRow, granted: Granted | None, cause: Cause) -> None:
    for purpose in granted.purposes if granted else ():
        await consents.record(
            tx,
            candidate=row.id,
            purpose=purpose,
            state="granted",
            basis=granted.basis if granted else "",
            text=granted.text if granted else "",
            source=row.source or cause.text,
            at=cause.at,
            recorded_at=clock.now(),
        )
