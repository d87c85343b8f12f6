"""The decision at the entrance for many people at once: the same rules as for one, on what few queries have read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapport.clock import Clock
from rapport.dsl.plan import Plan
from rapport.dsl.project import Project
from rapport.engine.situation import Situation
from rapport.store import consents, crowds, published
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.people import CandidateRow, PoolMemberRow
from rapport.store.tables.published import VersionRow
from rapport.store.tables.recruiting import ApplicationRow, CalendarEventRow
from rapport.store.tables.walks import EnrollmentRow
from rapport.usecases.entry import Entry, entry_of
from rapport.usecases.refusals import not_published, refusal_of
from rapport.usecases.shelf import live_project, plan_of
from rapport.usecases.snapshot import application_fields, candidate_fields, consents_of, event_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Where many people are to go; `event` is the id of the event that their walks are about."""

    sequence: str
    event: str | None = None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The decisions about many people, made at `times`, and the numbers that their walks would get."""

    version: VersionRow | None
    times: Mapping[str, datetime]
    entries: Mapping[str, Entry]
    next_n: Mapping[str, int]


async def check_wish(tx: Tx, wish: Wish) -> None:
    """Refused (`not_published`, `unknown_event`) when nobody could enter, whoever they are."""
    if await published.live_version(tx, wish.sequence) is None:
        raise await not_published(tx, wish.sequence)
    if wish.event is not None and await tx.get(CalendarEventRow, wish.event) is None:
        raise refusal_of(wish.sequence, "unknown_event")


async def decide(tx: Tx, clock: Clock, wish: Wish, names: Sequence[str]) -> Crowd:
    """Decide about each of these candidates, in their walk time."""
    return await decide_at(tx, wish, {name: clock.walk_time(name) for name in names})


async def decide_at(tx: Tx, wish: Wish, times: Mapping[str, datetime], *, lock: bool = False) -> Crowd:
    """Decide about each of these candidates at an instant of their own; `lock` when the answer is acted upon."""
    version, names = await published.live_version(tx, wish.sequence), [*times]
    if version is None:
        nobody = dict.fromkeys(names, Entry(reason="not_published"))
        return Crowd(version=None, times=times, entries=nobody, next_n={})
    known = await everything(tx, names, sequence=wish.sequence, lock=lock)
    event = await tx.get(CalendarEventRow, wish.event) if wish.event else None
    door = _Door(
        wish=wish,
        version=version,
        plan=await plan_of(tx, version.sequence, version.hash),
        project=await live_project(tx),
        event=event,
    )
    entries = {name: _entry(door, known, name, times[name]) for name in names}
    return Crowd(version=version, times=times, entries=entries, next_n={name: known.next_n(name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What is known about many people."""

    people: Mapping[str, CandidateRow]
    tags: Mapping[str, Sequence[str]]
    memberships: Mapping[str, Sequence[PoolMemberRow]]
    ledgers: Mapping[str, Sequence[ConsentRow]]
    suppressed: Mapping[str, Sequence[str]]
    walks: Mapping[str, Sequence[EnrollmentRow]]
    applications: Mapping[str, ApplicationRow]

    def next_n(self, name: str) -> int:
        """The number of this person's next walk."""
        return 1 + max((row.n for row in self.walks.get(name, ())), default=0)

    def closed_for(self, name: str) -> Sequence[str]:
        """The purposes, or `all`, for which this person's address gets no mail."""
        return self.suppressed.get(self.people[name].email_key or "", ())

    def situation(
        self, name: str, project: Project, *, purpose: str, at: datetime, event: CalendarEventRow | None = None
    ) -> Situation:
        """What is known about one of them who would enter a sequence at `at`."""
        person, closed = self.people[name], self.closed_for(name)
        pools = crowds.pools_at(self.memberships.get(name, ()), at)
        fields = candidate_fields(person, project, at, tags=self.tags.get(name, ()), pools=pools)
        gone = consents.ALL in closed or person.erased_at is not None
        ledger = () if gone else self.ledgers.get(name, ())
        return Situation(
            at=at,
            purpose=purpose,
            enrolled_at=at,
            candidate=fields,
            consents=consents_of(ledger, closed, project, at),
            event=event_fields(event),
            application=application_fields(self.applications.get(name)),
        )


async def everything(tx: Tx, names: Sequence[str], *, sequence: str, lock: bool = False) -> Everything:
    """Read it all; `sequence` is the one whose walks count."""
    people = await crowds.people(tx, names, lock=lock)
    keys = [row.email_key for row in people.values() if row.email_key is not None]
    return Everything(
        people=people,
        tags=await crowds.tags(tx, names),
        memberships=await crowds.memberships(tx, names),
        ledgers=await crowds.ledgers(tx, names),
        suppressed=await crowds.suppressed(tx, keys),
        walks=await crowds.walks(tx, names, sequence),
        applications=await crowds.latest_applications(tx, names),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    wish: Wish
    version: VersionRow
    plan: Plan
    project: Project
    event: CalendarEventRow | None


def _entry(door: _Door, known: Everything, name: str, at: datetime) -> Entry:
    person = known.people.get(name)
    if person is None:
        return Entry(reason="unknown_candidate")
    if person.erased_at is not None:
        return Entry(reason="erased")
    if door.wish.event is not None and door.event is None:
        return Entry(reason="unknown_event")
    closed = known.closed_for(name)
    return entry_of(
        door.version,
        known.situation(name, door.project, purpose=door.plan.purpose, at=at, event=door.event),
        door.project,
        suppressed=person.email_key is None or bool({consents.ALL, door.plan.purpose} & set(closed)),
        walks=known.walks.get(name, ()),
        again=door.wish.again,
    )
