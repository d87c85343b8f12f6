"""When an ATS has one person less: two became one, or somebody was deleted there."""

from rapport.ids import name_key
from rapport.store import ats, ats_notes, candidates, consents, identities
from rapport.store.database import Tx
from rapport.usecases import todo
from rapport.usecases.ats_applications import close_missing, stand
from rapport.usecases.ats_notes import ask_for_note
from rapport.usecases.ats_people import is_forgotten
from rapport.usecases.ats_reading import Reading
from rapport.usecases.cause import Cause
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.merge import merge_people


async def erase_person(tx: Tx, reading: Reading, person: str) -> None:
    """Forget somebody whom the ATS has deleted or anonymized: their walks stop, and nothing personal stays."""
    known = await ats.candidate_of(tx, reading.name, person)
    if known is None:
        return
    someone = await candidates.get_alone(tx, known)
    if someone.erased_at is not None:
        return
    erased = Incoming(
        dedupe_key=f"ats:{reading.own_id(person)}:erased",
        kind="erased",
        candidate=known,
        at=reading.clock.walk_time(known),
        evidence={"door": "ats", "connection": reading.name},
    )
    await take_in(tx, reading.clock, erased)


async def ask_about(tx: Tx, reading: Reading, person: str) -> None:
    """Ask their recruiter, else the first of `people`, what became of somebody whom the ATS shows us no more; once."""
    known = await ats.candidate_of(tx, reading.name, person)
    someone = await candidates.get_alone(tx, known) if known else None
    if someone is None or someone.erased_at is not None:
        return
    colleagues, owner = reading.project.people, someone.owner_recruiter
    asked = todo.Asked(
        key=f"ats-missing/{reading.own_id(person)}",
        assignee=owner if owner is not None and owner in colleagues else next(iter(colleagues), reading.name),
        title=f"{reading.name} shows us {person} no more. Deleted there? Then: `rapport erase {known} --yes`. "
        "Still there? Then our login needs the right to see them.",
        at=reading.clock.walk_time(someone.id),
        candidate=someone.id,
    )
    await todo.ask(tx, asked, now=reading.clock.now())


async def merge_into(tx: Tx, reading: Reading, *, gone: str, kept: str) -> None:
    """Follow a merge of the ATS: both of its ids lead to one person here, who has the applications of both."""
    old, new = await ats.candidate_of(tx, reading.name, gone), await ats.candidate_of(tx, reading.name, kept)
    if reading.connection.history_note and await ats_notes.has_one(tx, reading.name, gone):
        # It may have come along, and then there are two.
        await ask_for_note(tx, reading.name, person=kept, why=f"merged {gone}", at=reading.clock.now())
    if new is None:
        await _name_too(tx, reading, old, gone=gone, kept=kept)
        return
    if old is None or old == new:
        return
    people = [await candidates.get(tx, each) for each in (old, new)]
    if all(someone.erased_at is None for someone in people):
        cause = Cause(text=f"ats:{reading.name}:merged", at=reading.clock.walk_time(new))
        await merge_people(tx, reading.clock, kept=new, gone=old, cause=cause)
    await ats.lead_to(tx, reading.name, gone, new)
    if all(someone.erased_at is None for someone in people):
        await stand(tx, reading, new)


async def _name_too(tx: Tx, reading: Reading, known: str | None, *, gone: str, kept: str) -> None:
    """`kept` is one more id of whom `gone` means; of somebody who was erased here, only its hash is written down."""
    now = reading.clock.now()
    if await is_forgotten(tx, reading, gone):
        key = name_key(reading.name, kept, reading.pepper)
        await consents.suppress(tx, key, scope=consents.NAME, reason=consents.ERASED, at=now, recorded_at=now)
    elif known is not None and not await is_forgotten(tx, reading, kept):
        await identities.name(tx, known, reading.name, kept, pepper=reading.pepper, recorded_at=now)


async def leave_id(tx: Tx, reading: Reading, person: str) -> None:
    """An id that leads nowhere: what is still under way by it is over, and the person lives on by another one."""
    await close_missing(tx, reading, person, ())
    await ats.drop(tx, reading.name, person)
