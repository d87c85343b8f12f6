"""Hearing of many people's tags, pools and scores at once: the same records as one by one, with few statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from rapport.clock import Clock
from rapport.engine.happening import Happening, matches
from rapport.ids import happening_id
from rapport.store import enrollments, happenings
from rapport.store.database import Tx
from rapport.store.many import insert_many
from rapport.store.tables.identities import MergeRow
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.crowd import Wish
from rapport.usecases.enroll_many import Entrant, enroll_each
from rapport.usecases.hearing import begins_at, hear
from rapport.usecases.incoming import Incoming, Taken
from rapport.usecases.live_starts import live_starts
from rapport.usecases.reach import as_heard, happening_of
from rapport.usecases.shelf import plan_of


@dataclass(slots=True)
class _Told:
    """What came of one of them so far."""

    deliveries: int = 0
    started: list[str] = field(default_factory=list)


async def hear_many(tx: Tx, clock: Clock, incoming: Sequence[Incoming]) -> Sequence[Taken]:
    """Store each of these as `hear` does, in their order for each person; what one begins hears of the next one.

    Only for what happens to people by our own doing: tags, pools and scores, behind which is no event, mail or
    application. Walks that begin are marked as many at once.
    """
    apart = await _apart(tx, {str(each.candidate) for each in incoming})
    found: dict[int, Taken] = {}
    for turn in _rounds(incoming, apart):
        found.update(await _together(tx, clock, turn))
    for number, each in enumerate(incoming):
        if each.candidate in apart:
            found[number] = await hear(tx, clock, each)
    return [found[number] for number in range(len(incoming))]


async def _apart(tx: Tx, people: Collection[str]) -> set[str]:
    """Who is not as they were: erased, or somebody else by now."""
    names = [*people]
    gone = select(CandidateRow.id).outerjoin(MergeRow, MergeRow.gone == CandidateRow.id)
    gone = gone.where(CandidateRow.id.in_(names), or_(CandidateRow.erased_at.is_not(None), MergeRow.gone.is_not(None)))
    return {*await tx.scalars(gone)}


def _rounds(incoming: Sequence[Incoming], apart: Collection[str]) -> Sequence[Mapping[int, Incoming]]:
    """The first of each person, then the second of each; those of `apart` are left out."""
    rounds: list[dict[int, Incoming]] = []
    heard: dict[str, int] = {}
    for number, each in enumerate(incoming):
        name = str(each.candidate)
        if name in apart:
            continue
        place = heard[name] = heard.get(name, -1) + 1
        if place == len(rounds):
            rounds.append({})
        rounds[place][number] = each
    return rounds


async def _together(tx: Tx, clock: Clock, turn: Mapping[int, Incoming]) -> Mapping[int, Taken]:
    """One thing for each of many people."""
    ids = {number: happening_id(each.dedupe_key) for number, each in turn.items()}
    unheard = await happenings.unheard(tx, ids.values())
    new = {number: each for number, each in turn.items() if ids[number] in unheard}
    now = clock.now()
    await insert_many(
        tx,
        HappeningRow,
        [_row(each, ids[number]) for number, each in new.items()],
        {"recorded_at": now, "evidence": {}},
    )
    walks = await enrollments.walking_all(tx, [str(each.candidate) for each in new.values()])
    kinds = {pattern.kind for start in (await live_starts(tx)).values() for pattern in start.when}
    # Most of it is nobody's business: of an import's tags, the store is all that hears.
    new = {number: each for number, each in new.items() if each.kind in kinds or walks[str(each.candidate)]}
    said = {number: happening_of(each, ids[number], each.detail) for number, each in new.items()}
    told = {number: _Told() for number in new}
    await _tell(tx, new, said, walks, told, now)
    await _trigger(tx, clock, new, said, told)
    return {number: _taken(identity, told.get(number), new=identity in unheard) for number, identity in ids.items()}


def _taken(identity: str, told: _Told | None, *, new: bool) -> Taken:
    if told is None:
        return Taken(new=new, id=identity)
    return Taken(new=new, id=identity, deliveries=told.deliveries, started=(*told.started,))


def _row(each: Incoming, identity: str) -> Mapping[str, Any]:
    return {
        "id": identity,
        "dedupe_key": each.dedupe_key,
        "kind": each.kind,
        "at": each.at,
        "verdict": each.verdict,
        "candidate": each.candidate,
        "detail": dict(each.detail),
    }


async def _tell(
    tx: Tx,
    new: Mapping[int, Incoming],
    said: Mapping[int, Happening],
    walks: Mapping[str, Sequence[EnrollmentRow]],
    told: Mapping[int, _Told],
    now: datetime,
) -> None:
    """Put word of it into the outbox, for every walk that it concerns."""
    rows = []
    for number, each in new.items():
        for walk in walks.get(str(each.candidate), ()):
            heard = as_heard(said[number], each, walk, await plan_of(tx, walk.sequence, walk.version))
            if heard is not None:
                told[number].deliveries += 1
                rows.append(
                    {"enrollment": walk.id, "payload": heard.to_json(), "at": heard.at, "happening": said[number].id}
                )
    await insert_many(
        tx, DeliveryRow, rows, {"kind": "happening", "state": "waiting", "attempts": 0, "created_at": now}
    )


async def _trigger(
    tx: Tx, clock: Clock, new: Mapping[int, Incoming], said: Mapping[int, Happening], told: Mapping[int, _Told]
) -> None:
    """Begin every sequence that starts with one of these; refusals are recorded and stop nothing else."""
    for sequence, start in (await live_starts(tx)).items():
        begins = [number for number in new if any(matches(each, said[number], event=None) for each in start.when)]
        if not begins:
            continue
        entrants = {
            str(new[number].candidate): Entrant(
                cause=f"{said[number].kind} {said[number].id}",
                at=begins_at(clock, new[number]),
                shift=new[number].shift,
            )
            for number in begins
        }
        turns = await enroll_each(tx, clock, Wish(sequence=sequence), entrants)
        for number in begins:
            enrollment = turns[str(new[number].candidate)].enrollment
            told[number].started += [enrollment] if enrollment else []
