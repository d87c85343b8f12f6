"""Finding people for a role among those whom we know, with a reason for every point and for everybody left out."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from rapport.clock import Clock
from rapport.crm.match import MOST_BEHAVIOR, Behavior, Match, Matcher, Profile, total
from rapport.crm.role import Role
from rapport.crm.score import Score
from rapport.dsl.project import TRACKING, Project
from rapport.errors import BadInput, NotFound
from rapport.store import consents, crowds, matching
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.jobs import JobRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import consents_of

EMPLOYEE = "employee"
# As many as are asked about together: six statements for each page.
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Whom to look for: `limit` people, who have every must skill and have engaged within `days`, if that is asked.

    Without `purpose`, consent to any purpose but the measuring of opens will do.
    """

    role: Role
    limit: int = 15
    qualified: bool = True
    engaged: bool = False
    days: int = 180
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The best ones, best first; `people` were measured, and `left_out` counts, by reason, who was looked at in vain.

    Nobody is looked at who could not be among the best ones any more.
    """

    matches: Sequence[Match]
    people: int
    left_out: Mapping[str, int]


async def rank(tx: Tx, clock: Clock, search: Search) -> Ranking:
    """Measure everybody, and return the best ones; the same people in the same order each time, at a tie by id."""
    project = await live_project(tx)
    if search.purpose is not None and search.purpose not in project.purposes:
        raise NotFound(kind="purpose", name=search.purpose, hint="Purposes stand below `consent` in project.yaml.")
    matcher = Matcher(search.role, project.synonyms, today=clock.now().date())
    left_out: Counter[str] = Counter()
    likely, people = await _by_profile(tx, matcher, search, left_out, clock=clock, half_life=project.half_life)
    best = _Best(limit=search.limit)
    for start in range(0, len(likely), _PAGE):
        page = likely[start : start + _PAGE]
        # In the order of what they can come to: nobody behind is better.
        if not best.has_room_for(page[0].at_most, page[0].name):
            break
        behaviors = await _behaviors(tx, page, clock.now() - timedelta(days=search.days))
        close = [each.name for each in page if best.has_room_for(each.points(matcher, behaviors[each.name]), each.name)]
        known = await _look(tx, close)
        for name in close:
            reason = known.refuses(name, search, project, clock)
            if reason is None and search.engaged and not behaviors[name].engaged:
                reason = "not_engaged"
            if reason is None:
                best.offer(matcher.match(_profile(known.people[name]), behaviors[name]))
            else:
                left_out[reason] += 1
    return Ranking(matches=best.in_order, people=people, left_out=dict(sorted(left_out.items())))


async def role_of_job(tx: Tx, job: str) -> Role:
    """A job of the ATS as a role; NotFound when there is none, BadInput when it names no skill."""
    row = await tx.get(JobRow, job)
    if row is None:
        raise NotFound(kind="job", name=job, hint="Ids look like main/4711; write a role file for any other role.")
    if not row.skills:
        raise BadInput(place=job, message="the ATS names no skills for it.", hint="Write a role file.")
    return Role(title=row.title, must=tuple(row.skills), city=row.city, country=row.country, seniority=row.seniority)


class _Likely(NamedTuple):
    """Who may be among the best: at most so many points, so many of them for the profile alone."""

    at_most: float
    name: str
    of_profile: float
    score: int

    def points(self, matcher: Matcher, behavior: Behavior) -> float:
        """Those that it comes to."""
        return total(self.of_profile, matcher.by_behavior(behavior))


async def _by_profile(
    tx: Tx, matcher: Matcher, search: Search, left_out: Counter[str], *, clock: Clock, half_life: timedelta | None
) -> tuple[Sequence[_Likely], int]:
    """Who may be among the best, by the points that they can have, most first; and how many people there are."""
    likely: list[_Likely] = []
    active = await matching.active(tx)
    people = 0
    async for page in matching.profiles(tx):
        people += len(page)
        for row in page:
            qualified, points = matcher.by_profile(_profile(row))
            if row.stage == "hired":
                left_out["hired"] += 1
            elif search.qualified and not qualified:
                left_out["not_qualified"] += 1
            elif search.engaged and row.id not in active:
                left_out["not_engaged"] += 1
            else:
                score = Score.of(row).points_at(clock.walk_time(row.id), half_life)
                more = MOST_BEHAVIOR if row.id in active else matcher.by_behavior(Behavior(score=score))
                likely.append(_Likely(total(points, more), row.id, points, score))
    likely.sort(key=lambda each: (-each.at_most, each.name))
    return likely, people


def _profile(row: object) -> Profile:
    get = attrgetter("id", "skills", "city", "country", "seniority")
    name, skills, city, country, seniority = get(row)
    return Profile(id=name, skills=skills or (), city=city, country=country, seniority=seniority)


@dataclass(slots=True)
class _Best:
    """The best matches so far."""

    limit: int
    heap: list[tuple[float, "_Backwards", Match]] = field(default_factory=list)

    def offer(self, match: Match) -> None:
        entry = (match.points, _Backwards(match.candidate), match)
        if len(self.heap) < self.limit:
            heapq.heappush(self.heap, entry)
        elif entry[:2] > self.heap[0][:2]:
            heapq.heapreplace(self.heap, entry)

    def has_room_for(self, points: float, name: str) -> bool:
        """Whether somebody with so many points would be among them."""
        return len(self.heap) < self.limit or (points, _Backwards(name)) > self.heap[0][:2]

    @property
    def in_order(self) -> Sequence[Match]:
        return sorted((match for *_, match in self.heap), key=lambda match: (-match.points, match.candidate))


@dataclass(frozen=True, slots=True)
class _Backwards:
    """An id that is better the earlier it comes."""

    name: str

    def __lt__(self, other: "_Backwards") -> bool:
        return self.name > other.name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What else is known of some people."""

    people: Mapping[str, CandidateRow]
    tags: Mapping[str, Sequence[str]]
    ledgers: Mapping[str, Sequence[ConsentRow]]
    closed: Mapping[str, Sequence[str]]
    busy: frozenset[str]

    def refuses(self, name: str, search: Search, project: Project, clock: Clock) -> str | None:
        """Why somebody is no candidate for a role now, as a stable word."""
        person = self.people[name]
        if EMPLOYEE in self.tags.get(name, ()):
            return "employee"
        if name in self.busy:
            return "active_elsewhere"
        closed = self.closed.get(person.email_key or "", ())
        if person.email_key is None or consents.ALL in closed:
            return "suppressed"
        given = consents_of(self.ledgers.get(name, ()), closed, project, clock.walk_time(name))
        wanted = {search.purpose} if search.purpose else {*given} - {TRACKING}
        return None if wanted & {*given} else "no_consent"


async def _behaviors(tx: Tx, page: Sequence[_Likely], since: datetime) -> Mapping[str, Behavior]:
    """What each of them did since an instant, and when last."""
    signs = await matching.signs(tx, [each.name for each in page], since)
    return {each.name: _behavior(signs.get(each.name, {}), each.score) for each in page}


def _behavior(signs: Mapping[str, tuple[int, datetime]], score: int) -> Behavior:
    lately = {kind: number for kind, (number, _) in signs.items()}
    last: date | None = max((at.date() for _, at in signs.values()), default=None)
    return Behavior(
        replies=lately.get("replied", 0),
        clicks=lately.get("clicked", 0),
        events=lately.get("attended", 0),
        last=last,
        score=score,
    )


async def _look(tx: Tx, names: Sequence[str]) -> _Page:
    people = await crowds.people(tx, names, lock=False)
    keys = [row.email_key for row in people.values() if row.email_key is not None]
    return _Page(
        people=people,
        tags=await crowds.tags(tx, names),
        ledgers=await crowds.ledgers(tx, names),
        closed=await crowds.suppressed(tx, keys),
        busy=await matching.in_a_process(tx, names),
    )
