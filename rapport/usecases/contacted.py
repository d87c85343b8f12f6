"""When somebody was last written to, as conditions and segments ask for it."""

from datetime import date, datetime, timedelta

from rapport.clock import Clock
from rapport.engine.places import day_of
from rapport.store.database import Tx
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.cause import Cause
from rapport.usecases.segment_view import watch_of
from rapport.usecases.segments import refresh

# The clocks of Kiribati are 14 hours ahead of UTC, and none is further.
_AHEAD = timedelta(hours=14)


async def note_contact(
    tx: Tx, clock: Clock, walk: EnrollmentRow, person: CandidateRow, step: str, *, at: datetime
) -> None:
    """Note that a mail has left, or may have, at `at` (walk time); an earlier day never takes a later one's place."""
    known = person.last_contacted_on or date.min
    if person.erased_at is not None or known >= (at + _AHEAD).date():
        return  # in no zone is it a later day: nothing need be read for the second mail of one
    day = day_of(at, person.timezone, (await watch_of(tx)).project)
    if known >= day:
        return
    person.last_contacted_on = day
    await tx.flush()
    cause = Cause(text=f"mail {walk.id}/{step}", at=at, shift=walk.shift_seconds)
    await refresh(tx, clock, [person.id], cause=cause, changed={"last_contacted_on"})
