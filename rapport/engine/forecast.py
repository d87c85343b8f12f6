"""Many people at once: each walks in a world of their own, and the mails of all are counted by day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from rapport.dsl.project import Project
from rapport.engine.admission import refusal
from rapport.engine.habits import Habits
from rapport.engine.happening import Happening
from rapport.engine.person import Person, remember_mails
from rapport.engine.scenario import HORIZON, follow
from rapport.engine.script import Start
from rapport.engine.segments import with_segments
from rapport.engine.situation import Situation
from rapport.engine.state import WalkState
from rapport.engine.virtual import Target, VirtualTime
from rapport.engine.world import World

_HELD, _SKIPPED = "held: ", "not sent: "


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a forecast is about: these sequences, entered by people from day 0 on, so many a day (None: all at once).

    `targets` are the sequences of the folder, which `enroll` steps may start; `ask_rules` lets the rules of the
    entrance refuse people, as they do in life.
    """

    sequences: Sequence[str]
    targets: Mapping[str, Target]
    project: Project
    start: Start
    habits: Habits = field(default_factory=Habits)
    days: int | None = None
    per_day: int | None = None
    event: Mapping[str, Any] = field(default_factory=dict)
    application: Mapping[str, Any] = field(default_factory=dict)
    ask_rules: bool = False

    @property
    def horizon(self) -> datetime:
        """When the forecast ends at the latest."""
        return self.start.instant + (timedelta(days=self.days) if self.days else HORIZON)

    def enters_at(self, place: int) -> datetime:
        """When the person with this place in the queue enters."""
        days = place // self.per_day if self.per_day else 0
        return Start(day=self.start.day + timedelta(days=days), at=self.start.at, zone=self.start.zone).instant


@dataclass(kw_only=True)
class Forecast:
    """What came of it; days are those of the start's zone.

    `mails` counts by day and then by the mail's name; `entered` are people by day; `refused`, `held`, `skipped` and
    `ends` count by reason, `ends` and `waiting` the walks. A mail may be held more than once.
    """

    question: Question
    people: int = 0
    mails: dict[date, Counter[str]] = field(default_factory=dict)
    entered: Counter[date] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    waiting: int = 0

    @property
    def total(self) -> int:
        """All mails."""
        return sum(counted.total() for counted in self.mails.values())

    @property
    def days(self) -> Iterator[tuple[date, int]]:
        """Every day from the first one to the last one with a mail, those without a mail too."""
        day, last = self.question.start.day, max(self.mails, default=None)
        while last is not None and day <= last:
            yield day, self.mails[day].total() if day in self.mails else 0
            day += timedelta(days=1)

    @property
    def busiest(self) -> tuple[date, int] | None:
        """The first of the days with the most mails."""
        return max(self.days, key=lambda found: found[1], default=None)


def forecast(question: Question, people: Iterable[Person]) -> Forecast:
    """Let everybody walk; the same question about the same people gives the same answer."""
    found = Forecast(question=question)
    for person in people:
        found.people += 1
        at = question.enters_at(found.entered.total())
        reasons = {name: refused(question, person, name, at) for name in question.sequences}
        welcome = [name for name, reason in reasons.items() if reason is None]
        found.refused.update(reason for reason in reasons.values() if reason is not None)
        if welcome and at <= question.horizon:
            found.entered[at.astimezone(question.start.zone).date()] += 1
            _tally(found, _walked(question, person, welcome, at))
    return found


def refused(question: Question, person: Person, name: str, at: datetime) -> str | None:
    """Why the person may not enter a sequence at `at`, as a stable word; None where no rule is asked."""
    if not question.ask_rules:
        return None
    target = question.targets[name]
    if person.closed & {"all", target.plan.purpose} or not person.candidate.get("email"):
        return "suppressed"
    known = Situation(
        at=at,
        purpose=target.plan.purpose,
        enrolled_at=at,
        candidate=with_segments(person.candidate, person.consents, question.project, at),
        consents=person.consents,
        event=question.event,
        application=person.application,
    )
    return refusal(target.start, known, question.project, person.walks.get(name, ()))


def _walked(question: Question, person: Person, names: Sequence[str], at: datetime) -> VirtualTime:
    """One person's walks to their end: at one instant, what happens comes before what was waited for."""
    world = World(
        project=question.project,
        candidate=with_segments(person.candidate, person.consents, question.project, at),
        consents=dict(person.consents),
        event=dict(question.event),
        application={**person.application, **question.application},
        score_rest=person.score_rest,
        score_at=at,
    )
    time = VirtualTime(world=world, now=at, targets=question.targets)
    remember_mails(world, person, question.targets[names[0]].plan)
    event = str(question.event.get("id", "")) if question.event else None
    for name in names:
        time.begin(question.targets[name].plan, WalkState.begin(person.next_walk(name), at, event=event))
    time.go_to(at)
    _let_live(time, question)
    return time


def _let_live(time: VirtualTime, question: Question) -> None:
    coming: list[tuple[datetime, str, str, Happening]] = []
    seen = 0
    while not time.idle:
        for done in time.world.mails[seen:]:
            for happening in question.habits.after(done.enrollment, done.step, done.what, done.at):
                heappush(coming, (happening.at, happening.id, done.enrollment, happening))
        seen = len(time.world.mails)
        wakes = time.next_wake
        if coming and (wakes is None or coming[0][0] <= wakes):
            at, _, enrollment, happening = heappop(coming)
            if at > question.horizon:
                return
            _happen(time, enrollment, happening)
        elif wakes is None or wakes > question.horizon:
            return
        else:
            time.go_to(wakes)


def _happen(time: VirtualTime, enrollment: str, happening: Happening) -> None:
    """The walk hears which mail it was; the person's other walks hear of an answer."""
    time.now = happening.at
    time.world.happen(happening)
    time.tell_one(enrollment, happening)
    if happening.kind == "replied":
        time.tell(Happening(id=happening.id, kind=happening.kind, at=happening.at), enrollment)
    follow(time, happening)
    time.go_to(happening.at)


def _tally(found: Forecast, time: VirtualTime) -> None:
    zone = found.question.start.zone
    for done in time.world.mails:
        found.mails.setdefault(done.at.astimezone(zone).date(), Counter())[done.what] += 1
    for line in time.lines:
        if line.text.startswith(_HELD):
            found.held[line.text.removeprefix(_HELD)] += 1
        elif line.text.startswith(_SKIPPED):
            found.skipped[line.text.removeprefix(_SKIPPED)] += 1
    for walk in {line.enrollment for line in time.lines}:
        end = time.world.enrollments[walk].end
        if end is None:
            found.waiting += 1
        else:
            found.ends[end.name] += 1
