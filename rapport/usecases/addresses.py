"""The addresses of a person: one that mails go to, and further ones by which they are recognized."""

from dataclasses import dataclass, field

from sqlalchemy import delete

from rapport.clock import Clock
from rapport.errors import BadInput, NotFound, Refused
from rapport.ids import address_key
from rapport.store import candidates, consents, identities
from rapport.store.database import Tx
from rapport.store.once import insert
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.cause import Cause
from rapport.usecases.colleagues import refuse_colleague
from rapport.usecases.profile import note_change
from rapport.usecases.profile_fields import read_email
from rapport.usecases.segments import refresh

_HINT = "Correct it and send it again; nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """All addresses of a person; `primary` is the one that mails go to, None for people without any."""

    primary: str | None = field(repr=False)
    further: tuple[str, ...] = field(repr=False)


def address_of(text: str, *, place: str = "email") -> str:
    """The address as it is stored; BadInput, without what was written, when it is none."""
    try:
        return read_email(text)
    except ValueError as error:
        raise BadInput(place=place, message=f"{error}.", hint=_HINT) from error


async def addresses(tx: Tx, candidate: str) -> Addresses:
    """All addresses of a person; NotFound for a candidate that we do not know."""
    person = await candidates.get(tx, candidate)
    return Addresses(primary=person.email, further=tuple(await identities.addresses_of(tx, person.id)))


async def add_address(tx: Tx, clock: Clock, candidate: str, email: str, *, pepper: bytes, cause: Cause) -> bool:
    """Know a person by a further address, or by their first one; False when they are known by it already.

    Refused (`address_taken`) when it is somebody else's, (`erased`) when its owner asked to be forgotten. BadInput for
    an address of a colleague.
    """
    address = address_of(email)
    key = address_key(address, pepper)
    person = await _alone(tx, candidate)
    if await _is_known(tx, person, key):
        return False
    await refuse_colleague(tx, address)
    if person.email_key is None:
        person.email, person.email_key = address, key
    else:
        await insert(tx, AddressRow(key=key, candidate=person.id, email=address, recorded_at=clock.now()))
    await _changed(tx, clock, person, cause)
    return True


async def make_primary(tx: Tx, clock: Clock, candidate: str, email: str, *, pepper: bytes, cause: Cause) -> bool:
    """Let mails go to this address of a person; False when they do already.

    An address that is new to us is added first. The one of before is kept as a further one.
    """
    added = await add_address(tx, clock, candidate, email, pepper=pepper, cause=cause)
    person = await candidates.get(tx, candidate)
    key = address_key(email, pepper)
    if person.email_key == key:
        return added
    row = await tx.get_one(AddressRow, key)
    await tx.execute(delete(AddressRow).where(AddressRow.key == key))
    tx.expunge(row)
    before = (person.email, person.email_key)
    person.email, person.email_key = row.email, row.key
    await tx.flush()
    if before[0] and before[1]:
        await insert(tx, AddressRow(key=before[1], candidate=person.id, email=before[0], recorded_at=clock.now()))
    await _changed(tx, clock, person, cause)
    return True


async def remove_address(tx: Tx, clock: Clock, candidate: str, email: str, *, pepper: bytes, cause: Cause) -> None:
    """Know a person by this further address no more.

    NotFound when it is none of theirs; Refused (`primary_address`) for the one that mails go to.
    """
    person = await _alone(tx, candidate)
    key = address_key(address_of(email), pepper)
    if person.email_key == key:
        raise Refused(
            reason="primary_address",
            message="Mails to this person go to that address.",
            hint="Make another one the primary address first.",
        )
    row = await tx.get(AddressRow, key)
    if row is None or row.candidate != person.id:
        raise NotFound(kind="address of", name=candidate, hint="Look at the person's addresses first.")
    await tx.execute(delete(AddressRow).where(AddressRow.key == key))
    tx.expunge(row)
    await _changed(tx, clock, person, cause)


async def refuse_taken(tx: Tx, key: str) -> None:
    """Refuse an address that somebody has, or whose owner asked to be forgotten."""
    other = await candidates.by_key(tx, key)
    if other is not None:
        raise Refused(
            reason="address_taken",
            message=f"Another person has this address: {other.id}.",
            hint="Change that one, or merge the two.",
        )
    if await consents.was_erased(tx, key):
        raise Refused(
            reason="erased",
            message="The owner of this address asked to be forgotten.",
            hint="Leave it so. What you can do when they come to you themselves: docs/privacy.md, `Who comes back`.",
        )


async def _is_known(tx: Tx, person: CandidateRow, key: str) -> bool:
    owner = await candidates.by_key(tx, key)
    if owner is not None and owner.id == person.id:
        return True
    await refuse_taken(tx, key)
    return False


async def _alone(tx: Tx, candidate: str) -> CandidateRow:
    person = await candidates.get_alone(tx, candidate)
    if person.erased_at is not None:
        raise Refused(reason="erased", message="This person asked to be forgotten.", hint="Nothing can be changed.")
    return person


async def _changed(tx: Tx, clock: Clock, person: CandidateRow, cause: Cause) -> None:
    await tx.flush()
    await note_change(tx, clock, person.id, ("email",), cause=cause)
    # Consent hangs on what the address is closed for.
    await refresh(tx, clock, [person.id], cause=cause, changed={"email", "consent"})
