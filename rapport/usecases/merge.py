"""Merging two records that are one person: nothing is lost, and nobody is written to twice or against a no."""

from datetime import datetime

from rapport.clock import Clock
from rapport.dsl.stages import HIRED
from rapport.errors import Refused
from rapport.ids import happening_id
from rapport.store import candidates, deliveries, happenings, identities, merging
from rapport.store.database import Tx
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.cause import Cause
from rapport.usecases.hired import end_walks
from rapport.usecases.merged_consent import agree_in_consent, no_of
from rapport.usecases.merged_profile import merge_profiles
from rapport.usecases.segments import refresh

# What the end of a walk is called whose person walks the same sequence under the other record.
MERGED = "merged"


async def merge_people(tx: Tx, clock: Clock, *, kept: str, gone: str, cause: Cause) -> None:
    """Make `gone` a part of `kept`: addresses, names, tags, pools, scores, consents, applications, walks, history.

    What `kept` says stands; what it lacks comes from the oldest record that knows it. A withdrawal, a suppression or
    a pause of either holds for both. Open walks go on, with mails to the one address; of two through the same sequence
    the one that has sent fewer mails ends, and where one was hired, those of the other. The id of `gone` leads to
    `kept` from then on, at every door. Merging in another order gives the same person; merging once more, or two ids
    of one person, changes nothing.
    NotFound for somebody unknown, Refused for somebody erased. A caller who may meet a second record of the same
    person in the same transaction reads the id anew.
    """
    first, second = await _locked(tx, kept, gone)
    if first.id == second.id:
        return
    for row in (first, second):
        if row.erased_at is not None:
            message = f"{row.id} was erased, and nothing can be merged with them."
            raise Refused(reason="erased", message=message, hint="Nothing needs to be done.")
    refused = [await no_of(tx, row.id) for row in (first, second)]
    await _end_doubles(tx, clock, first.id, second.id, cause)
    for row, other in ((first, second), (second, first)):
        # A walk that was begun with somebody known to be hired is meant for them.
        if other.stage == HIRED != row.stage:
            await end_walks(tx, clock, row.id, at=cause.at)
    await merging.move_walks(tx, kept=first.id, gone=second.id)
    await merging.move(tx, kept=first.id, gone=second.id)
    await merge_profiles(tx, first, second, cause=cause, now=clock.now())
    await agree_in_consent(tx, first.id, refused, cause=cause, now=clock.now())
    await happenings.keep(tx, _told(first.id, second.id, cause, clock.now()))
    await refresh(tx, clock, [first.id], cause=cause)


async def _locked(tx: Tx, kept: str, gone: str) -> tuple[CandidateRow, CandidateRow]:
    """The two people as they are now, held in the order of ids, so that two merges never wait for each other."""
    names = {name: await identities.kept(tx, name) for name in (kept, gone)}
    found = {name: await candidates.lock(tx, name) for name in sorted({*names.values()})}
    rows = []
    for name in (kept, gone):
        row = found[names[name]]
        if row is None:
            raise candidates.unknown(name)
        rows.append(row)
    return rows[0], rows[1]


async def _end_doubles(tx: Tx, clock: Clock, kept: str, gone: str, cause: Cause) -> None:
    """End, here and now, every walk behind the one that leads; its workflow hears of it through the outbox."""
    leading: set[tuple[str, str]] = set()
    for walk, _ in await merging.walks_under_way(tx, (kept, gone)):
        if (walk.sequence, walk.once_key) in leading:
            await _end(tx, clock, walk, cause)
        leading.add((walk.sequence, walk.once_key))


async def _end(tx: Tx, clock: Clock, walk: EnrollmentRow, cause: Cause) -> None:
    at = max(cause.at, walk.enrolled_at)
    walk.state, walk.end_name, walk.ended_at = "ended", MERGED, at
    payload = {"enrollment": walk.id, "by": MERGED, "at": at.isoformat()}
    await deliveries.put(tx, enrollment=walk.id, kind="cancel", payload=payload, at=at, now=clock.now())


def _told(kept: str, gone: str, cause: Cause, now: datetime) -> HappeningRow:
    """A line of the timeline; no walk hears of it."""
    key = f"{MERGED}:{gone}"
    return HappeningRow(
        id=happening_id(key),
        dedupe_key=key,
        kind=MERGED,
        at=cause.at,
        recorded_at=now,
        verdict="human",
        candidate=kept,
        detail={"candidate": gone},
        evidence={"cause": cause.text},
    )
