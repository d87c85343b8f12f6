"""One made-up person's walk, scripted: build the world, let everything happen in order, keep the calendar."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from rapport.dsl.plan import Plan
from rapport.dsl.project import TRACKING, Project
from rapport.engine.gatekeeper import without_policy
from rapport.engine.happening import Happening
from rapport.engine.result import Deed, Result
from rapport.engine.script import ABOUT_MAIL, MACHINES, Scripted, Start, read_script
from rapport.engine.segments import with_segments
from rapport.engine.state import WalkState
from rapport.engine.virtual import Line, Target, VirtualTime
from rapport.engine.world import Done, World

# The language has no loops; ten years is longer than any sequence that a person could write.
HORIZON = timedelta(days=3660)
# Wide enough for the steps of most sequences.
_LABEL = 18
# Where nothing in a test says so, people have an id and an address like these.
_ID, _DOMAIN = "c_made_up", "people.test"
# Nobody can click or open what was never sent; a reply may come out of the blue.
_NEEDS_MAIL = ("clicked", "opened", *MACHINES)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Everything about a made-up person that a walk may ask; `tree` holds the keys of a test file's case.

    They enter the sequences `beside` at the same moment: the contact policy counts the mails of all of their walks.
    """

    plan: Plan
    project: Project
    start: Start
    tree: Mapping[str, Any]
    targets: Mapping[str, Target] = field(default_factory=dict)
    beside: Sequence[Plan] = ()

    @property
    def enrollment(self) -> str:
        """The id of the walk."""
        return self.walk_through(self.plan.sequence)

    def walk_through(self, sequence: str) -> str:
        """The id of the walk through one of the sequences that they enter."""
        return f"{sequence}/{(self.tree.get('candidate') or {}).get('id', _ID)}/1"

    @property
    def candidate(self) -> dict[str, Any]:
        """The candidate's fields, consent aside; the segments among the pools are those that they are in."""
        written = {key: value for key, value in (self.tree.get("candidate") or {}).items() if key != "consent"}
        address = f"made-up@{written.get('email_domain', _DOMAIN)}"
        person = {"id": _ID, "timezone": self.start.zone.key, "email": address, **written}
        return with_segments(person, self.consents, self.project, self.start.instant)

    @property
    def consents(self) -> dict[str, datetime | None]:
        """The purposes agreed to at the start, and until when: the sequence's own, unless the file says otherwise."""
        given = (self.tree.get("candidate") or {}).get("consent", self.plan.purpose)
        return {purpose: self._expires(purpose) for purpose in (given if isinstance(given, list) else [given])}

    def _expires(self, name: str) -> datetime | None:
        purpose = self.project.purposes.get(name)
        return self.start.instant + purpose.expires_after.roughly() if purpose and purpose.expires_after else None

    def world(self) -> World:
        """The world on day 0."""
        policy_off = self.tree.get("policy") == "off"
        return World(
            project=without_policy(self.project) if policy_off else self.project,
            candidate=self.candidate,
            consents=self.consents,
            event=dict(self.tree.get("event") or {}),
            application=dict(self.tree.get("application") or {}),
            mocks=self.tree.get("mocks") or {},
            score_at=self.start.instant,
        )

    def state(self) -> WalkState:
        """The walk on day 0."""
        return WalkState.begin(
            self.enrollment, self.start.instant, event=self.event, variants=self.tree.get("variants")
        )

    @property
    def event(self) -> str | None:
        """The id of the event that the walk is about."""
        event = self.tree.get("event")
        return str(event.get("id", "")) if event else None

    def script(self) -> list[Scripted]:
        """What happens, in order."""
        return read_script(self.tree.get("when") or (), self.start, self.tree.get("event") or {})

    def run(self, days: int | None = None) -> "Calendar":
        """Walk to the end, or for so many days."""
        time = VirtualTime(world=self.world(), now=self.start.instant, targets=self.targets)
        time.begin(self.plan, self.state())
        for plan in self.beside:
            time.begin(plan, WalkState.begin(self.walk_through(plan.sequence), self.start.instant, event=self.event))
        time.go_to(time.now)
        horizon = self.start.instant + (timedelta(days=days) if days else HORIZON)
        wrong: list[tuple[int, str]] = []
        for at, together in groupby(self.script(), key=lambda scripted: scripted.at):
            _let_pass(time, min(at, horizon))
            if at > horizon or time.idle:
                break
            time.now = at
            wrong.extend(mistake for scripted in together for mistake in _happen(time, self.enrollment, scripted))
            time.go_to(at)
        time.run_to_end(horizon)
        return Calendar(scenario=self, time=time, wrong=tuple(wrong))


def _let_pass(time: VirtualTime, until: datetime) -> None:
    """Up to, but not including `until`: at one instant, what happens comes before what was waited for."""
    while (at := time.next_wake) is not None and at < until:
        time.go_to(at)


def _happen(time: VirtualTime, enrollment: str, scripted: Scripted) -> Sequence[tuple[int, str]]:
    """Let it happen to the person and to the walks that it concerns; what the script has wrong."""
    sent = time.world.enrollments[enrollment].mails
    scripted = about_latest(scripted, list(sent))
    happening = happening_of(scripted)
    about_mail = scripted.kind in ABOUT_MAIL and scripted.step is not None
    if (about_mail or scripted.kind in _NEEDS_MAIL) and scripted.step not in sent:
        return [(scripted.place, f"{scripted.kind}: {scripted.step or 'a mail'} has not been sent by then")]
    if not moves_walks(scripted, time.world.consents_at(scripted.at)):
        return ()
    is_news = time.world.happen(happening, scripted.changes)
    if about_mail:
        _about_mail(time, enrollment, happening)
    elif is_news:
        time.tell(happening)
    if is_news:
        follow(time, happening)
    return ()


def follow(time: VirtualTime, happening: Happening) -> None:
    """Let the person join and leave the segments that a happening moves them into and out of; all walks hear of it."""
    for move in time.world.move_after(happening):
        time.tell(move)


def about_latest(scripted: Scripted, sent: Sequence[str]) -> Scripted:
    """A click or an opening of any mail is about the latest one; `sent` are the steps whose mails went, in order."""
    if scripted.kind not in _NEEDS_MAIL or scripted.step is not None or not sent:
        return scripted
    return replace(scripted, step=sent[-1])


def moves_walks(scripted: Scripted, consents: Collection[str]) -> bool:
    """Whether walks hear of it: not what machines do, and of openings only where the person agreed to be measured."""
    return scripted.kind not in MACHINES and (scripted.kind != "opened" or TRACKING in consents)


def happening_of(scripted: Scripted) -> Happening:
    """What a walk is told of one line of a script."""
    return Happening(
        id=f"script/{scripted.place}",
        kind=scripted.kind,
        at=scripted.at,
        step=scripted.step,
        link=scripted.link,
        detail=scripted.detail,
    )


def _about_mail(time: VirtualTime, enrollment: str, happening: Happening) -> None:
    """The walk hears which mail it was; the person's other walks hear that they replied, bounced or complained."""
    time.tell_one(enrollment, happening)
    if happening.kind not in ("clicked", "opened"):
        time.tell(Happening(id=happening.id, kind=happening.kind, at=happening.at), enrollment)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """What happened: mails, actions, the trace and the end; `wrong` are the mistakes of the script itself."""

    scenario: Scenario
    time: VirtualTime
    wrong: tuple[tuple[int, str], ...]

    @property
    def mails(self) -> list[Done]:
        """The mails of the scripted walk, in order."""
        return self._mine(self.time.world.mails)

    @property
    def actions(self) -> list[Done]:
        """The effects of the scripted walk, in order; reads are none."""
        return self._mine(self.time.world.actions)

    @property
    def lines(self) -> list[Line]:
        """The trace of the scripted walk, and of those beside it."""
        return [line for line in self.time.lines if line.enrollment in self._plans]

    def plan_of(self, line: Line) -> Plan:
        """The plan of the walk that a line belongs to."""
        return self._plans[line.enrollment]

    def label(self, line: Line) -> str:
        """The step of a line; of a walk beside the scripted one with its sequence before it.

        What happens to the person belongs to no walk.
        """
        beside = self._plans.get(line.enrollment) if line.enrollment != self.scenario.enrollment else None
        return ": ".join(filter(None, (beside.sequence, line.step))) if beside else line.step

    @cached_property
    def label_width(self) -> int:
        """How wide a column of labels is."""
        return max([_LABEL, *(len(self.label(line)) for line in self.lines if self.scenario.beside)])

    @property
    def all_mails(self) -> int:
        """How many mails the person got from these walks together."""
        return len([mail for mail in self.time.world.mails if mail.enrollment in self._plans])

    @cached_property
    def _plans(self) -> Mapping[str, Plan]:
        scenario = self.scenario
        return {scenario.walk_through(plan.sequence): plan for plan in (scenario.plan, *scenario.beside)}

    @property
    def result(self) -> Result:
        """What came of the scripted walk."""
        scenario, world = self.scenario, self.time.world
        state, end = self.time.state(scenario.enrollment), world.enrollments[scenario.enrollment].end
        at = end.at if end else self.time.now
        consents = world.consents_at(end.at if end else state.clock)
        return Result(
            path=tuple(state.path),
            mails=[Deed(done.at, done.step, done.what) for done in self.mails],
            actions=[Deed(done.at, done.step) for done in self.actions],
            end=end,
            waits_at=None if state.node is None or end else scenario.plan.nodes[state.node].id,
            candidate={**world.candidate_at(at, world.project.half_life), "consent": sorted(consents)},
        )

    @property
    def ends(self) -> str | None:
        """How it ended; None while it waits."""
        end = self.result.end
        return end.name if end else None

    @property
    def waiting_at(self) -> str | None:
        """The step where the walk still waits."""
        return self.result.waits_at

    def _mine(self, done: Sequence[Done]) -> list[Done]:
        return [item for item in done if item.enrollment == self.scenario.enrollment]
