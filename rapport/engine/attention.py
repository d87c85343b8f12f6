"""A walk's attention: what it hears, when it wakes, and whether it has to end; the clock of the walk lives here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NoReturn, TypeAlias

from rapport.dsl.plan import Node, Plan
from rapport.engine.endings import ending
from rapport.engine.happening import Happening
from rapport.engine.lot import turn
from rapport.engine.runtime import Runtime
from rapport.engine.state import End, Passed, WalkState

# A timer or signal that wakes the walk this late is still on time: servers and workers need seconds, not minutes.
ON_TIME = timedelta(seconds=60)
# Consent that ran out by the time a walk wakes ends it there; a walk that was late or paused used to go on to the next
# question about consent, and did what came before it.
_CONSENT_FIRST = "consent-first"

Woke: TypeAlias = Literal["time", "event", "replan"]
# When, at which step, what and why, and until when for a wait or a hold.
Trace: TypeAlias = Callable[[datetime, str, str, datetime | None], None]


class Ended(Exception):
    """Carries an end out of whatever the walk was doing; never seen outside the engine."""

    def __init__(self, end: End) -> None:
        self.end = end


def silent(_at: datetime, _step: str, _text: str, _until: datetime | None) -> None:
    """Trace nothing."""


class Attention:
    """The inbox that a runtime hands happenings to, and the only way in which a walk lets time pass."""

    def __init__(self, plan: Plan, state: WalkState, runtime: Runtime, trace: Trace = silent) -> None:
        self.plan = plan
        self.state = state
        self.stirred = False
        self._runtime = runtime
        self._tell = trace
        self._latest = state.clock
        self._news: dict[str, int] = {}

    def hear(self, happening: Happening) -> None:
        """Take in what happened: once per id, in any order; changes state only, so it is safe in a signal handler."""
        if happening.at < self.state.enrolled_at or not self.state.remember(happening.id):
            return
        self._latest = max(self._latest, happening.at)
        self._news[happening.kind] = self._news.get(happening.kind, 0) + 1
        self.stirred = True
        match happening.kind:
            case "paused" | "resumed":
                self.state.paused = happening.kind == "paused"
            case "retried" | "skipped":
                if self.state.held is not None:
                    self.state.held = happening.kind
            case _:
                self._keep(happening)

    def _keep(self, happening: Happening) -> None:
        """Keep the earliest of its like: nothing in the language asks for the second click."""
        alike = [known for known in self.state.heard if _sort(known) == _sort(happening)]
        if alike and alike[0].at <= happening.at:
            return
        self.state.heard = [*(known for known in self.state.heard if known not in alike), happening]

    async def _ready(self, late: Callable[[], bool] = lambda: True) -> None:
        """Nothing starts after an end or during a pause; what a pause has made `late` takes its turn after it."""
        self._look_up()
        while self.state.paused:
            node = self.plan.nodes[self.state.node or 0]
            await self._sleep(node, None, "Paused")
            self._look_up()
            if late():
                await self._take_turn(node)

    async def _take_turn(self, node: Node) -> None:
        """Wait a little after a resume, so that not everybody who was paused gets their mail in the same second."""
        at = self.state.clock + turn(self.state.enrollment)
        while self.state.clock < at and not self.state.paused:
            await self._sleep(node, at, "Resumed, waits for its turn")
            self._look_up()

    async def _pause(
        self,
        node: Node,
        until: datetime | None,
        why: str,
        *,
        done: Callable[[], bool] | None = None,
        moved: tuple[str, ...] = (),
        mark: int = 0,
    ) -> Woke:
        """Let time pass until `until`, until `done`, or until news of a `moved` kind; ends and pauses come first."""

        def woke() -> Woke | None:
            if done is not None and done():
                return "event"
            if moved and self._count(moved) != mark:
                return "replan"
            return "time" if until is not None and self.state.clock >= until else None

        while True:
            await self._ready(late=lambda: woke() is not None)
            expires, why_awake = self.state.consent_until, woke()
            ran_out = expires is not None and self.state.clock >= expires
            if why_awake is not None and not (ran_out and self._runtime.follows(_CONSENT_FIRST, node)):
                return why_awake
            if ran_out:
                await self._ask_consent(node)
                continue
            await self._sleep(node, min((at for at in (until, expires) if at is not None), default=None), why)

    async def _ask_consent(self, node: Node) -> None:
        gate = await self._runtime.consent(at=self.state.clock)
        self.state.consent_until = gate.consent_until
        self._catch_up()
        if gate.verdict == "end":
            self._end(node, "consent")

    async def _sleep(self, node: Node, until: datetime | None, why: str) -> None:
        self.stirred = False
        self._latest = self.state.clock
        await self._runtime.sleep(node, self, until=until, why=why)
        woken_at = self._latest if self.stirred or until is None else until
        self._advance(woken_at)

    def _advance(self, expected: datetime) -> None:
        """Move the clock to `expected`, or to the real time when that is a minute or more later."""
        now = self._runtime.now()
        self.state.clock = max(self.state.clock, expected if now - expected < ON_TIME else now)

    def _catch_up(self) -> None:
        """What a call takes does not move the clock, unless it took a minute or more."""
        self._advance(self.state.clock)

    def _look_up(self) -> None:
        """End the walk here if what was heard ends it."""
        end = ending(self.plan, self.state)
        if end is not None:
            raise Ended(end)

    def _end(self, node: Node, name: str) -> NoReturn:
        self._passed(node, "ended")
        raise Ended(End(name, self.state.clock))

    def _passed(self, node: Node, outcome: str) -> None:
        self.state.path.append(Passed(node.id, self.state.clock, outcome))

    def _trace(self, step: str, text: str, until: datetime | None = None) -> None:
        self._tell(self.state.clock, step, text, until)

    def _count(self, kinds: tuple[str, ...]) -> int:
        return sum(self._news.get(kind, 0) for kind in kinds)


def _sort(happening: Happening) -> tuple[object, ...]:
    return happening.kind, happening.step, happening.link, tuple(sorted(happening.detail.items()))
