"""What deciding about segments needs to know: what the live project asks, and what is known of these people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from rapport.crm.score import Score
from rapport.dsl.project import Project
from rapport.dsl.segments import Segment, segments_of
from rapport.engine.segments import touched
from rapport.engine.situation import Situation
from rapport.errors import NotFound
from rapport.store import consents, crowds, published
from rapport.store import segments as store
from rapport.store.database import Tx
from rapport.store.segments import Belongings
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import candidate_fields, consents_of

_WATCH: Final = "rapport_segments"
# What can end by itself, whatever project.yaml says.
TIMED: Final = frozenset({"consent", "pools"})
# By the hash of project.yaml, so that what is kept cannot get old; a company publishes a few times a day.
_KEPT: "dict[str, Watch]" = {}
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The segments that are live, in the order in which they are decided, and what time can end of what they ask.

    `purposes` and `pools` are those that some segment asks about and that can end by themselves. `marks` are the scores
    that make a difference to some segment, where scores fade.
    """

    project: Project
    segments: tuple[Segment, ...]
    purposes: frozenset[str]
    pools: frozenset[str]
    marks: frozenset[int] = frozenset()

    @property
    def timed(self) -> frozenset[str]:
        """The fields that time alone may change, as far as segments ask about them."""
        return TIMED | {"score"} if self.marks else TIMED

    def is_segment(self, pool: str) -> bool:
        """Whether people belong to this pool by themselves."""
        return any(segment.name == pool for segment in self.segments)

    def hangs_on_time(self, changed: Collection[str] | None) -> bool:
        """Whether a change of these fields may move the instant at which something ends."""
        ends = bool(self.purposes or self.pools or self.marks)
        return ends and (changed is None or not self.timed.isdisjoint(changed))


async def watch_of(tx: Tx) -> Watch:
    """What is live; asked once in each transaction, since nobody publishes while it lasts."""
    known: Watch | None = tx.info.get(_WATCH)
    if known is None:
        known = tx.info[_WATCH] = await _watch(tx)
    return known


async def _watch(tx: Tx) -> Watch:
    try:
        name = await published.live_project_hash(tx)
    except NotFound:
        return _NOTHING
    if name not in _KEPT:
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[name] = _read(await live_project(tx))
    return _KEPT[name]


def _read(project: Project) -> Watch:
    segments = segments_of(project)
    lapsing = {key for key, pool in project.pools.items() if pool.expires_after and pool.members is None}
    return Watch(
        project=project,
        segments=segments,
        purposes=frozenset().union(*(segment.purposes for segment in segments)),
        pools=frozenset(lapsing).intersection(frozenset().union(*(segment.pools for segment in segments))),
        marks=frozenset().union(*(segment.marks for segment in segments)) if project.half_life else frozenset(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What is known about these people, as far as the segments in question ask; `people` are rows of candidates."""

    people: Mapping[str, Any]
    belongings: Mapping[str, Belongings]
    ledgers: Mapping[str, Sequence[ConsentRow]] = field(default_factory=dict)
    closed: Mapping[str, Collection[str]] = field(default_factory=dict)

    def counts(self, name: str) -> bool:
        """Whether they are somebody whom segments may hold."""
        mine = self.belongings.get(name)
        return self.people[name].erased_at is None and not (mine and mine.merged)

    def situation(self, name: str, project: Project, at: datetime) -> Situation:
        """One of them at an instant."""
        person, mine = self.people[name], self.belongings.get(name) or Belongings()
        pools = [pool for pool, until in mine.pools.items() if until is None or until > at]
        closed = self._closed_for(person)
        ledger = () if consents.ALL in closed else self.ledgers.get(name, ())
        return Situation(
            at=at,
            purpose="",
            enrolled_at=at,
            candidate=candidate_fields(person, project, at, tags=mine.tags, pools=pools),
            consents=consents_of(ledger, closed, project, at),
        )

    def next_end(self, name: str, watch: Watch, at: datetime) -> datetime | None:
        """When the next thing that a segment asks about begins or ends by itself; None: never."""
        mine = self.belongings.get(name) or Belongings()
        until = self.situation(name, watch.project, at).consents
        ends = [end for purpose, end in until.items() if purpose in watch.purposes]
        ends += [end for pool, end in mine.pools.items() if pool in watch.pools]
        ends.append(Score.of(self.people[name]).next_crossing(watch.marks, at, watch.project.half_life))
        ends += [entry.at for entry in self.ledgers.get(name, ()) if entry.purpose in watch.purposes]
        return min((end for end in ends if end is not None and end > at), default=None)

    def _closed_for(self, person: Any) -> Collection[str]:
        return self.closed.get(person.email_key or "", ())


async def see(tx: Tx, watch: Watch, names: Sequence[str], changed: Collection[str] | None) -> People:
    """Look at these people: one statement, and two more where consent is asked for."""
    await tx.flush()
    people = await _people(tx, names)
    known = People(people=people, belongings=await store.belongings(tx, names))
    if not _asks_consent(watch, changed):
        return known
    keys = [row.email_key for row in people.values() if row.email_key is not None]
    return replace(known, ledgers=await crowds.ledgers(tx, names), closed=await crowds.suppressed(tx, keys))


def _asks_consent(watch: Watch, changed: Collection[str] | None) -> bool:
    asked = any("consent" in segment.reads for segment in touched(watch.segments, changed))
    return asked or (bool(watch.purposes) and watch.hangs_on_time(changed))


async def _people(tx: Tx, names: Sequence[str]) -> Mapping[str, Any]:
    """Who changes one person has read them in this transaction, which is not done twice; many are read barely."""
    if len(names) > 1:
        columns = select(*CandidateRow.__table__.columns)
        return {row.id: row for row in await tx.execute(columns.where(CandidateRow.id.in_(names)))}
    row = await tx.get(CandidateRow, names[0])
    return {} if row is None else {row.id: row}


_NOTHING: Final = Watch(
    project=Project.read({"organization": {"name": "", "zone": "UTC", "country": ""}}),
    segments=(),
    purposes=frozenset(),
    pools=frozenset(),
)
