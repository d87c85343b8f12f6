"""Hearing of one thing: it is stored once, changes what it must change, and is put on its way to the walks.

What else follows from the change, above all in which segments people are, is up to `intake`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from rapport.clock import Clock
from rapport.engine.happening import Happening, matches
from rapport.errors import BadInput, Refused
from rapport.ids import happening_id
from rapport.store import candidates, enrollments, happenings
from rapport.store.database import Tx
from rapport.store.soon import insert_soon
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.calendar import DECISIVE, event_of, note_event, registered
from rapport.usecases.enroll import enroll
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.live_starts import live_starts
from rapport.usecases.person_effects import about_another_address, apply_to_person
from rapport.usecases.reach import as_heard, happening_of
from rapport.usecases.sender_guard import watch
from rapport.usecases.settle import settle
from rapport.usecases.shelf import plan_of


async def hear(tx: Tx, clock: Clock, incoming: Incoming) -> Taken:
    """Store one happening, change what follows from it at once, and put word of it into the outbox.

    The second call with the same `dedupe_key` changes nothing. NotFound for a candidate that we do not know.
    Of what comes late about an erased person, no more is kept than that it came. What is told of somebody who was
    merged happens to whom they became.
    """
    person = await _person(tx, incoming)
    if person is not None and person.id != incoming.candidate:
        incoming = replace(incoming, candidate=person.id)
    if person is not None and person.erased_at is not None:
        return await _note_only(tx, clock, incoming)
    identity, now = happening_id(incoming.dedupe_key), clock.now()
    if not await happenings.keep(tx, _row(incoming, identity, now)):
        return Taken(new=False, id=identity)
    await settle(tx, incoming)
    await watch(tx, clock, incoming)
    if not incoming.moves_walks:
        return Taken(new=True, id=identity)
    # Who hears of it is found before it changes anybody, so that the walks of an erased person still end.
    walks = await _walks(tx, incoming, person)
    event = await note_event(tx, incoming, now)
    application = await apply_to_person(tx, incoming, person, now) if person else None
    known = {"type": event.type} if event and event.type else {}
    happening = happening_of(incoming, identity, {**known, **incoming.detail})
    told = [await _tell(tx, walk, happening, incoming, now) for walk in walks]
    people = [person.id] if person else await _concerned(tx, incoming)
    started = [await _trigger(tx, clock, happening, replace(incoming, candidate=each), application) for each in people]
    return Taken(new=True, id=identity, deliveries=sum(told), started=tuple(chain(*started)))


async def _note_only(tx: Tx, clock: Clock, incoming: Incoming) -> Taken:
    """Keep neither words nor texts; a mail in doubt is settled by it all the same, and its sender is watched."""
    identity = happening_id(incoming.dedupe_key)
    bare = replace(incoming, dedupe_key=identity, detail={}, evidence={})
    if await happenings.keep(tx, _row(bare, identity, clock.now())):
        await settle(tx, incoming)
        await watch(tx, clock, incoming)
    return Taken(new=False, id=identity)


async def _person(tx: Tx, incoming: Incoming) -> CandidateRow | None:
    if incoming.candidate is not None:
        # Nobody may enroll the person while we look for the walks that must hear of this.
        return await candidates.get_alone(tx, incoming.candidate)
    if incoming.kind in DECISIVE and incoming.detail.get("event"):
        return None
    raise BadInput(place="candidate", message=f"{incoming.kind} happens to a person.", hint="Name the candidate.")


def _row(incoming: Incoming, identity: str, now: datetime) -> HappeningRow:
    return HappeningRow(
        id=identity,
        dedupe_key=incoming.dedupe_key,
        kind=incoming.kind,
        at=incoming.at,
        recorded_at=now,
        verdict=incoming.verdict,
        candidate=incoming.candidate,
        enrollment=incoming.enrollment,
        send=incoming.send,
        step=incoming.step,
        link=incoming.link,
        event=event_of(incoming),
        detail=dict(incoming.detail),
        evidence=dict(incoming.evidence),
    )


async def _walks(tx: Tx, incoming: Incoming, person: CandidateRow | None) -> Sequence[EnrollmentRow]:
    if incoming.kind in DECISIVE:
        return await enrollments.walking_about(tx, str(incoming.detail.get("event")))
    if person is not None and await about_another_address(tx, incoming, person):
        return ()
    return await enrollments.walking(tx, incoming.candidate) if incoming.candidate else ()


async def _tell(tx: Tx, walk: EnrollmentRow, happening: Happening, incoming: Incoming, now: datetime) -> bool:
    plan = await plan_of(tx, walk.sequence, walk.version)
    heard = as_heard(happening, incoming, walk, plan)
    if heard is None:
        return False
    delivery = DeliveryRow(
        enrollment=walk.id,
        kind="happening",
        payload=heard.to_json(),
        at=happening.at,
        created_at=now,
        happening=happening.id,
    )
    await insert_soon(tx, delivery)
    return True


async def _concerned(tx: Tx, incoming: Incoming) -> Sequence[str]:
    """For whom news of an event itself may begin something: only calling it off is a word of `start.when`."""
    if incoming.kind != "event_cancelled":
        return ()
    return await registered(tx, str(incoming.detail.get("event")))


async def _trigger(
    tx: Tx, clock: Clock, happening: Happening, incoming: Incoming, application: str | None
) -> tuple[str, ...]:
    """Begin every sequence that starts with this; a refusal is recorded and stops nothing else."""
    assert incoming.candidate is not None  # noqa: S101  # only people start sequences
    event = happening.detail.get("event")
    started = []
    for sequence, start in (await live_starts(tx)).items():
        if not any(matches(pattern, happening, event=event) for pattern in start.when):
            continue
        try:
            enrolled = await enroll(
                tx,
                clock,
                sequence=sequence,
                candidate=incoming.candidate,
                at=begins_at(clock, incoming),
                cause=f"{happening.kind} {happening.id}",
                event=event,
                application=application,
                shift=incoming.shift,
            )
        except Refused:  # recorded by `enroll`, for `why`
            continue
        started.append(enrolled.id)
    return tuple(started)


def begins_at(clock: Clock, incoming: Incoming) -> datetime:
    """News that comes late starts a walk now, not in the past; a walk with shifted time starts another in its time."""
    assert incoming.candidate is not None  # noqa: S101  # only people start sequences
    return incoming.at if incoming.shift else max(incoming.at, clock.walk_time(incoming.candidate))
