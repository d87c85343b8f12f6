"""Enrolling a page of people in one transaction, by the same rules and with the same records as one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from rapport.clock import Clock
from rapport.ids import enrollment_id
from rapport.store import identities
from rapport.store.database import Tx
from rapport.store.tables.intake import DeliveryRow
from rapport.store.tables.published import VersionRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from rapport.usecases.crowd import Crowd, Wish, decide_at
from rapport.usecases.entry import start_of
from rapport.usecases.refusals import refusal_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What came of one person's turn: a walk, or a refusal with a stable reason."""

    enrollment: str | None = None
    reason: str | None = None


# What the second name of one person is told.
_AGAIN = Turn(reason="already_enrolled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """Why one person enters, and when in their walk time; `shift` as `enroll` takes it."""

    cause: str
    at: datetime
    shift: float = 0.0


async def enroll_many(tx: Tx, clock: Clock, wish: Wish, names: Sequence[str], *, cause: str) -> Mapping[str, Turn]:
    """Begin a walk for each of these candidates who may enter, and record the others' refusals; names are unique.

    Whoever was merged is whom they became; of two names of one person the first one has their turn.
    """
    kept, now = await identities.kept_all(tx, names), clock.now()
    times = {name: clock.walk_time(name) for name in kept.values()}
    entrants = {
        name: Entrant(cause=cause, at=at, shift=float(round((at - now).total_seconds()))) for name, at in times.items()
    }
    turns = await enroll_each(tx, clock, wish, entrants)
    first = {person: name for name, person in reversed([*kept.items()])}
    return {name: turns[person] if first[person] == name else _AGAIN for name, person in kept.items()}


async def enroll_each(tx: Tx, clock: Clock, wish: Wish, entrants: Mapping[str, Entrant]) -> Mapping[str, Turn]:
    """`enroll_many` for people who come at times and for reasons of their own, under the ids that they have now."""
    names = [*entrants]
    crowd = await decide_at(tx, wish, {name: each.at for name, each in entrants.items()}, lock=True)
    page = _Page(crowd=crowd, wish=wish, entrants=entrants, now=clock.now())
    rows = {name: page.walk(name, crowd.version) for name in names if crowd.version and page.may_enter(name)}
    refusals = [page.refusal(name) for name in names if not page.may_enter(name)]
    await _insert(tx, EnrollmentRow, [_values(row) for row in rows.values()])
    await _insert(tx, DeliveryRow, [page.start(row, crowd.version) for row in rows.values() if crowd.version])
    await _insert(tx, RefusalRow, refusals)
    return {name: page.turn(name, rows.get(name)) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """The rows of one page."""

    crowd: Crowd
    wish: Wish
    entrants: Mapping[str, Entrant]
    now: datetime

    def may_enter(self, name: str) -> bool:
        return self.crowd.entries[name].reason is None

    def turn(self, name: str, row: EnrollmentRow | None) -> Turn:
        return Turn(enrollment=row.id if row else None, reason=self.crowd.entries[name].reason)

    def walk(self, name: str, version: VersionRow) -> EnrollmentRow:
        entrant, n = self.entrants[name], self.crowd.next_n[name]
        return EnrollmentRow(
            id=enrollment_id(version.sequence, name, n),
            sequence=version.sequence,
            candidate=name,
            n=n,
            version=version.hash,
            state="starting",
            enrolled_at=entrant.at,
            recorded_at=self.now,
            cause=entrant.cause,
            once_key=self.crowd.entries[name].once_key,
            event=self.wish.event,
            shift_seconds=entrant.shift,
        )

    def start(self, row: EnrollmentRow, version: VersionRow) -> dict[str, Any]:
        # Many walks begin at once: whatever one person is waiting for goes first.
        payload = {**start_of(row, version), "bulk": True}
        return {
            "enrollment": row.id,
            "kind": "start",
            "payload": payload,
            "at": row.enrolled_at,
            "created_at": self.now,
            "state": "waiting",
            "attempts": 0,
        }

    def refusal(self, name: str) -> dict[str, Any]:
        reason = self.crowd.entries[name].reason or ""
        return {
            "sequence": self.wish.sequence,
            "candidate": name,
            "reason": reason,
            "message": refusal_of(self.wish.sequence, reason).message,
            "cause": self.entrants[name].cause,
            "at": self.crowd.times[name],
            "recorded_at": self.now,
        }


_COLUMNS = tuple(column.key for column in EnrollmentRow.__table__.columns)


def _values(row: EnrollmentRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


async def _insert(tx: Tx, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """One statement for all of them."""
    if rows:
        await tx.execute(insert(table), rows)
