"""The virtual clock: walks as plain coroutines over a world in memory, moved from one instant to the next."""

from collections.abc import Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rapport.dsl.model import Start
from rapport.dsl.plan import Node, Plan
from rapport.engine.admission import Before, refusal
from rapport.engine.happening import Happening
from rapport.engine.interpreter import Walk
from rapport.engine.runtime import Due, Gate, Inbox, Outcome
from rapport.engine.state import End, WalkState
from rapport.engine.world import Enrolled, World

# A walk has no loops: more wake-ups than this at one instant means that two walks chase each other.
_WAKE_UPS_AT_ONE_INSTANT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trace: when, at which step, what and why, and until when for a wait or a hold."""

    at: datetime
    enrollment: str
    step: str
    text: str
    until: datetime | None = None


class _Rest:
    """What a sleeping walk hands to the driver: when to be woken."""

    def __init__(self, until: datetime | None) -> None:
        self._until = until

    def __await__(self) -> Generator[datetime | None, None, None]:
        yield self._until


@dataclass(slots=True)
class _Live:
    walk: Walk
    run: Coroutine[datetime | None, None, End]
    wakes_at: datetime | None = None
    started: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A sequence that `enroll` may start inside a simulation."""

    plan: Plan
    start: Start


@dataclass(slots=True)
class VirtualTime:
    """Runs a person's walks against a world, one instant after the other.

    `targets` are the sequences that `enroll` steps really start; others are only recorded as actions.
    """

    world: World
    now: datetime
    targets: Mapping[str, Target] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    _live: dict[str, _Live] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.tell = self.tell
        self.world.start = self._enroll

    def begin(self, plan: Plan, state: WalkState) -> None:
        """Start a walk now."""
        enrollment = state.enrollment
        self.world.enrollments[enrollment] = Enrolled(plan=plan, at=state.enrolled_at)

        def trace(at: datetime, step: str, text: str, until: datetime | None) -> None:
            self.lines.append(Line(at, enrollment, step, text, until))

        walk = Walk(plan, state, VirtualRuntime(self, enrollment), trace)
        self._live[enrollment] = _Live(walk, walk.run())

    def tell(self, happening: Happening, source: str | None = None) -> None:
        """Let every walk of the person hear it, but the one that caused it and already knows."""
        for enrollment, live in self._live.items():
            if enrollment != source:
                self.world.note(enrollment, happening)
                live.walk.hear(happening)

    def tell_one(self, enrollment: str, happening: Happening) -> None:
        """Let one walk hear it."""
        self.world.note(enrollment, happening)
        self._live[enrollment].walk.hear(happening)

    @property
    def next_wake(self) -> datetime | None:
        """When the next walk wakes by itself, or hears of what time alone has changed."""
        if self.idle:
            return None
        times = [live.wakes_at for live in self._live.values() if not live.over]
        return min((at for at in (*times, self.world.next_end(self.now)) if at is not None), default=None)

    @property
    def idle(self) -> bool:
        """Whether every walk has ended."""
        return all(live.over for live in self._live.values())

    def go_to(self, at: datetime) -> None:
        """Move the clock and let every walk that is due or stirred go on."""
        self.now = max(self.now, at)
        for move in self.world.let_pass(self.now):
            self.tell(move)
        for _ in range(_WAKE_UPS_AT_ONE_INSTANT):
            ready = next((live for live in self._live.values() if self._is_ready(live)), None)
            if ready is None:
                return
            self._resume(ready)
        message = f"walks wake each other without end at {self.now.isoformat()}"
        raise RuntimeError(message)

    def run_to_end(self, horizon: datetime) -> None:
        """Let time pass until nothing wakes any more, or until `horizon`."""
        self.go_to(self.now)
        while (at := self.next_wake) is not None and at <= horizon:
            self.go_to(at)

    def state(self, enrollment: str) -> WalkState:
        """Where a walk is."""
        return self._live[enrollment].walk.state

    def _is_ready(self, live: _Live) -> bool:
        if live.over:
            return False
        return not live.started or live.walk.stirred or (live.wakes_at is not None and live.wakes_at <= self.now)

    def _resume(self, live: _Live) -> None:
        live.started = True
        try:
            live.wakes_at = live.run.send(None)
        except StopIteration:
            live.over = True

    def _enroll(self, sequence: str, at: datetime) -> None:
        """What `enroll` does: the target's own rules decide, and a refusal lets the walk go on."""
        target = self.targets.get(sequence)
        if target is None:
            return
        known = self.world.enrollments
        before = [
            Before(began=known[key].at, running=not live.over)
            for key, live in self._live.items()
            if known[key].plan.sequence == sequence
        ]
        enrollment = f"{sequence}/{self.world.candidate['id']}/{len(before) + 1}"
        known[enrollment] = Enrolled(plan=target.plan, at=at)
        if refusal(target.start, self.world.situation(enrollment, at), self.world.project, before):
            del known[enrollment]
        else:
            self.begin(target.plan, WalkState.begin(enrollment, at))


class VirtualRuntime:
    """A `Runtime` whose clock is the simulation's and whose desk is the world."""

    def __init__(self, time: VirtualTime, enrollment: str) -> None:
        self._time = time
        self._desk = time.world
        self._enrollment = enrollment

    def now(self) -> datetime:
        """The simulation's instant."""
        return self._time.now

    async def due(self, node: Node, *, since: datetime, at: datetime) -> Due:
        """Ask the world."""
        return await self._desk.due(self._enrollment, node.id, since=since, at=at)

    async def decide(self, node: Node, *, at: datetime) -> bool:
        """Ask the world."""
        return await self._desk.decide(self._enrollment, node.id, at=at)

    async def gate(self, node: Node, *, at: datetime) -> Gate:
        """Ask the world."""
        return await self._desk.gate(self._enrollment, node.id, at=at)

    async def consent(self, *, at: datetime) -> Gate:
        """Ask the world."""
        return await self._desk.consent(self._enrollment, at=at)

    async def missed(self, node: Node, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """Ask the world."""
        return await self._desk.missed(self._enrollment, node.id, since=since, at=at)

    async def sleep(self, node: Node, inbox: Inbox, *, until: datetime | None, why: str) -> None:
        """Hand control to the driver until then."""
        del node, why
        if not inbox.stirred:
            await _Rest(until)

    async def send(self, node: Node, *, at: datetime) -> Outcome:
        """Send in the world."""
        return await self._desk.send(self._enrollment, node.id, at=at)

    async def act(self, nodes: Sequence[Node], *, at: datetime) -> Outcome:
        """Act in the world."""
        return await self._desk.act(self._enrollment, [node.id for node in nodes], at=at)

    async def hold(self, node: Node, reason: str, *, at: datetime) -> None:
        """Note it in the world."""
        await self._desk.hold(self._enrollment, node.id, reason, at=at)

    def follows(self, change: str, node: Node) -> bool:
        """Whatever is simulated begins under today's meaning."""
        del change, node
        return True

    async def between(self, state: WalkState) -> None:
        """Nothing to do: a simulation keeps no history."""

    async def finish(self, end: End, state: WalkState) -> None:
        """Record it in the world."""
        await self._desk.finish(self._enrollment, end, state.path)
