"""A small world in memory: one person, what is known of them, and what their walks do; the desk of the simulator.

It answers what `rapport.ports.WalkDesk` asks, with the same rules as the real desk, and no I/O.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from rapport.crm.score import Score
from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.dsl.project import Project
from rapport.dsl.segments import Segment, segments_of
from rapport.engine import consent, evaluate, gatekeeper, moments, words
from rapport.engine.happening import Happening, matches
from rapport.engine.known import Known
from rapport.engine.places import day_of
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.segments import changed_by, moves, touched
from rapport.engine.situation import MailFacts, Situation
from rapport.engine.state import End, Passed

# What may change about a person by itself.
_TIMED: Final = frozenset({"consent", "pools", "score"})


@dataclass(frozen=True, slots=True)
class Done:
    """One mail or effect, as a calendar and a test see it."""

    at: datetime
    enrollment: str
    step: str
    what: str


@dataclass(slots=True, kw_only=True)
class Enrolled:
    """One enrollment of the person."""

    plan: Plan
    at: datetime
    mails: dict[str, MailFacts] = field(default_factory=dict)
    reads: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    read_at: datetime | None = None
    heard: list[Happening] = field(default_factory=list)
    end: End | None = None
    path: tuple[Passed, ...] = ()


@dataclass(slots=True, kw_only=True)
class World(Known):
    """One made-up or copied person, and everything that is needed to walk their sequences.

    `mocks` answers ats and webhook steps by id: what was read, or `{fails: true}`. `tell` is called with what an
    act causes, so that the person's other walks hear of it; `start` is called when a walk enrolls the person.
    """

    project: Project
    mocks: Mapping[str, Any] = field(default_factory=dict)
    enrollments: dict[str, Enrolled] = field(default_factory=dict)
    quiet: dict[str, datetime] = field(default_factory=dict)
    mails: list[Done] = field(default_factory=list)
    actions: list[Done] = field(default_factory=list)
    holds: list[Done] = field(default_factory=list)
    segments: tuple[Segment, ...] = field(init=False)
    _purposes: frozenset[str] = field(init=False)
    _pools: frozenset[str] = field(init=False)
    _marks: frozenset[int] = field(init=False)
    tell: Callable[[Happening, str], None] = lambda _happening, _enrollment: None
    start: Callable[[str, datetime], None] = lambda _sequence, _at: None

    def __post_init__(self) -> None:
        """Sort the project's segments once: every effect may move the person between them."""
        self.segments = segments_of(self.project)
        self._purposes = frozenset[str]().union(*(segment.purposes for segment in self.segments))
        self._pools = frozenset[str]().union(*(segment.pools for segment in self.segments))
        self._marks = frozenset[int]().union(*(segment.marks for segment in self.segments))
        pools = self.project.pools.items()
        self.lasting = {key: pool.expires_after.roughly() for key, pool in pools if pool.expires_after}

    def situation(self, enrollment: str, at: datetime) -> Situation:
        """What is known about this enrollment at `at`."""
        mine = self.enrollments[enrollment]
        return Situation(
            at=at,
            purpose=mine.plan.purpose,
            enrolled_at=mine.at,
            candidate=self.candidate_at(at, self.project.half_life),
            consents=self.consents_at(at),
            event=self.event,
            application=self.application,
            mails=mine.mails,
            reads=mine.reads,
            back_on=self.back_on,
            paused_until=self.paused_until,
            quiet=self.quiet,
            # What the real desk asks the ATS again before a mail, once an earlier answer is too old.
            ats=self.application if mine.read_at and at - mine.read_at > gatekeeper.ATS_FRESH_FOR else {},
        )

    # What the desk answers --------------------------------------------------------------------------------------

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        """When the wait of this step is over."""
        return moments.due(self._node(enrollment, step), since, self.situation(enrollment, at), self.project)

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        """Whether the step's condition holds."""
        match self._node(enrollment, step).action:
            case model.If(condition=condition) | model.Stop(condition=condition) if condition is not None:
                return evaluate.holds(condition, self.situation(enrollment, at), self.project)
            case _:
                return True

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        """Whether the step's mail may go now; the contact policy counts the mails of all walks of the person."""
        mine = self.situation(enrollment, at)
        others = {
            f"{key}/{name}": facts
            for key, enrolled in self.enrollments.items()
            for name, facts in enrolled.mails.items()
            if key != enrollment
        }
        known = replace(mine, mails={**mine.mails, **others})
        return gatekeeper.gate(self._node(enrollment, step), known, self.project)

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        """Whether consent for the sequence's purpose is valid."""
        return consent.consent(self.situation(enrollment, at), self.project)

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """What happened that the step waits for."""
        del since, at
        wait = self._node(enrollment, step).action
        if not isinstance(wait, model.WaitFor):
            return ()
        event = self.event.get("id")
        heard = self.enrollments[enrollment].heard
        return [happening for happening in heard if matches(wait.event, happening, event=event)]

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Send the step's mail, once and only if the gate is open."""
        mine = self.enrollments[enrollment]
        if step in mine.mails:
            return Outcome(status="done")
        node = self._node(enrollment, step)
        gate = await self.gate(enrollment, step, at=at)
        if gate.verdict != "go":
            return Outcome(status=gate.verdict, until=gate.until, reason=gate.reason)
        if _fails(self.mocks.get(step)):
            return Outcome(status="retry", reason="mock")
        mine.mails[step] = MailFacts(sent=at)
        self.mails.append(Done(at, enrollment, step, _mail(node)))
        return Outcome(status="done", heard=self._heard(enrollment, tuple(self._contacted(enrollment, step, at))))

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Do these effects, each once."""
        heard: list[Happening] = []
        for step in steps:
            outcome = self._effect(enrollment, self._node(enrollment, step), at)
            heard.extend(outcome.heard)
            if outcome.status != "done":
                return replace(outcome, heard=tuple(heard))
        return Outcome(status="done", heard=tuple(heard))

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> None:
        """Note that the walk stands still."""
        self.holds.append(Done(at, enrollment, step, reason))

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> None:
        """Record the end and tell the other walks."""
        mine = self.enrollments[enrollment]
        mine.end, mine.path = end, tuple(path)
        kind = {"goal": "goal", "end": "end"}.get(end.name.partition(":")[0], "exit")
        detail = {"sequence": mine.plan.sequence, "as": kind}
        ended = Happening(id=f"{enrollment}/ended", kind="sequence_ended", at=end.at, detail=detail)
        self.tell(ended, enrollment)

    # What effects do --------------------------------------------------------------------------------------------

    def _effect(self, enrollment: str, node: Node, at: datetime) -> Outcome:
        mock = self.mocks.get(node.id)
        if _fails(mock):
            return Outcome(status="retry", reason="mock")
        caused: Mapping[str, Mapping[str, str]] = {}
        changed: frozenset[str] = frozenset()
        match node.action:
            case model.Ats(how="read", what=what, save_as=name):
                known = self.application if what == "application" else self.candidate_at(at, self.project.half_life)
                self.enrollments[enrollment].read_at = at
                self.enrollments[enrollment].reads[name or what] = dict(known if mock is None else mock)
                return Outcome(status="done")
            case model.Score(how=how, points=points):
                score, changed = self.change_score(how, points, at, self.project.half_life), frozenset({"score"})
                caused = {} if score is None else {"score_reached": {"score": str(score)}}
            case model.Tag(how=how, name=name):
                news, changed = self.change_list("tags", how, name), frozenset({"tags"})
                caused = {"tagged": {"tag": name}} if news and how == "add" else {}
            case model.Pool(how=how, name=name):
                kind = "added_to_pool" if how == "add" else "removed_from_pool"
                news, changed = self.change_pool(how, name, at), frozenset({"pools"})
                caused = {kind: {"pool": name}} if news else {}
            case model.Enroll(sequence=sequence):
                self.start(sequence, at)
            case _:
                pass
        self.actions.append(Done(at, enrollment, node.id, words.step(node)))
        here = f"{enrollment}/{node.id}"
        own = [Happening(id=f"{here}/{kind}", kind=kind, at=at, detail=detail) for kind, detail in caused.items()]
        return Outcome(status="done", heard=self._heard(enrollment, (*own, *self._follow(here, at, changed))))

    def _contacted(self, enrollment: str, step: str, at: datetime) -> Sequence[Happening]:
        """Note on which day the person was last written to, and what follows from it."""
        day = day_of(at, self.candidate.get("timezone"), self.project).isoformat()
        if str(self.candidate.get("last_contacted_on") or "") >= day:
            return ()
        self.candidate["last_contacted_on"] = day
        return self._follow(f"{enrollment}/{step}", at, {"last_contacted_on"})

    def _heard(self, enrollment: str, heard: tuple[Happening, ...]) -> tuple[Happening, ...]:
        for happening in heard:
            self.note(enrollment, happening)
            self.tell(happening, enrollment)
        return heard

    def move_after(self, happening: Happening) -> Sequence[Happening]:
        """Let the person join and leave the segments that a happening moves them into and out of; what walks hear."""
        return self._follow(happening.id, happening.at, changed_by(happening.kind))

    def next_end(self, after: datetime) -> datetime | None:
        """When the end of a consent or a membership, or a fading score, may next move the person between segments."""
        ends = [until for purpose, until in self.consents.items() if purpose in self._purposes]
        ends += [until for pool, until in self.lapses.items() if pool in self._pools]
        ends.append(Score.of(self).next_crossing(self._marks, after, self.project.half_life))
        return min((end for end in ends if end is not None and end > after), default=None)

    def let_pass(self, at: datetime) -> Sequence[Happening]:
        """Let time move the person; what walks hear."""
        return self._follow(f"time/{at.isoformat()}", at, _TIMED)

    def _follow(self, cause: str, at: datetime, changed: Collection[str]) -> Sequence[Happening]:
        asked = touched(self.segments, changed)
        if not asked:
            return ()
        candidate, agreed = self.candidate_at(at, self.project.half_life), self.consents_at(at)
        known = Situation(at=at, purpose="", enrolled_at=at, candidate=candidate, consents=agreed)
        found = moves(asked, known, self.project)
        for move in found:
            self.change_list("pools", "add" if move.joins else "remove", move.segment)
        return [
            Happening(id=f"{cause}/{move.kind}/{move.segment}", kind=move.kind, at=at, detail={"pool": move.segment})
            for move in found
        ]

    # What walks hear --------------------------------------------------------------------------------------------

    def note(self, enrollment: str, happening: Happening) -> None:
        """Keep what this enrollment will be asked about: mails that were answered, quiet times, awaited events."""
        mine = self.enrollments[enrollment]
        if happening.at < mine.at:
            return
        mine.heard.append(happening)
        if happening.kind in self.project.contact_policy.quiet_after:
            self.quiet[happening.kind] = max(happening.at, self.quiet.get(happening.kind, happening.at))
        facts = mine.mails.get(happening.step or "")
        if facts is not None and happening.kind in ("opened", "clicked", "replied", "bounced"):
            mine.mails[happening.step or ""] = replace(facts, **{happening.kind: happening.at})

    def _node(self, enrollment: str, step: str) -> Node:
        return self.enrollments[enrollment].plan.node(step)


def _mail(node: Node) -> str:
    return node.action.mail if isinstance(node.action, model.Send) else ""


def _fails(mock: Any) -> bool:
    return isinstance(mock, Mapping) and mock.get("fails") is True
