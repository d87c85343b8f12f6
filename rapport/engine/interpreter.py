"""Walks a compiled sequence over a `Runtime`: the one place that says what a sequence means."""

from collections.abc import Sequence
from datetime import datetime

from rapport.dsl import model
from rapport.dsl.duration import Duration
from rapport.dsl.events import PAUSES
from rapport.dsl.plan import Node
from rapport.engine import words
from rapport.engine.attention import Attention, Ended, Woke
from rapport.engine.endings import counts
from rapport.engine.lot import draw
from rapport.engine.patience import SEND_PATIENCE, next_try
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End

_DATES_MOVED = ("event_changed", "event_cancelled")
_GATE_MOVED = (*_DATES_MOVED, "out_of_office", *PAUSES)
# Patience begins with the first failure; it began with the step, however long a mail was held there.
_FROM_FIRST_FAILURE = "patience-from-first-failure"


class Walk(Attention):
    """One person's walk through one plan."""

    async def run(self) -> End:
        """Walk to the end and record it."""
        try:
            while self.state.node is not None:
                await self._ready()
                await self._step(self.plan.nodes[self.state.node])
                await self._runtime.between(self.state)
            self._look_up()
            end = End("end", self.state.clock)
        except Ended as ended:
            end = ended.end
        self.state.clock = max(self.state.clock, end.at)
        self._trace("", f"ends: {end.name}")
        return await self._runtime.finish(end, self.state) or end

    async def _step(self, node: Node) -> None:
        if self.state.since is None:
            self.state.since = self.state.clock
        match node.action:
            case model.Send() as send:
                await self._send(node, send)
            case model.Wait() | model.WaitUntil() | model.WaitFor() as wait:
                await self._let_time_pass(node, wait)
            case model.If() | model.Split() | model.Stop() as fork:
                await self._choose(node, fork)
            case model.Ats(if_fails=if_fails) | model.Webhook(if_fails=if_fails):
                await self._call(node, if_fails)
            case model.Score() | model.Tag() | model.Pool() | model.Enroll() | model.Task():
                await self._effects(node)

    # Waiting ----------------------------------------------------------------------------------------------------

    async def _let_time_pass(self, node: Node, wait: model.Wait | model.WaitUntil | model.WaitFor) -> None:
        match wait:
            case model.Wait():
                due = await self._due(node)
                self._trace(node.id, words.step(node), due.at)
                await self._pause(node, due.at, words.step(node))
                self._leave(node, "waited", node.next)
            case model.WaitUntil():
                await self._wait_until(node, wait)
            case model.WaitFor():
                await self._wait_for(node, wait)

    async def _wait_until(self, node: Node, wait: model.WaitUntil) -> None:
        while True:
            mark = self._count(_DATES_MOVED)
            due = await self._due(node)
            if due.at is None or due.at < self.state.clock:
                self._late(node, wait)
                return
            self._trace(node.id, words.step(node), due.at)
            woke = await self._pause(node, due.at, words.step(node), moved=_DATES_MOVED, mark=mark)
            if woke == "time":
                self._leave(node, "due", node.then)
                return

    def _late(self, node: Node, wait: model.WaitUntil) -> None:
        self._trace(node.id, f"the moment has passed → {wait.if_late}")
        match wait.if_late:
            case "skip":
                self._leave(node, "late", node.next)
            case "go_on":
                self._leave(node, "late", node.then)
            case "stop":
                self._end(node, "late")

    async def _wait_for(self, node: Node, wait: model.WaitFor) -> None:
        woke: Woke = "event" if self._heard(wait, None) else "replan"
        while woke == "replan":
            mark = self._count(_DATES_MOVED)
            due = await self._due(node)
            # A limit that hangs on an unknown date gives no time at all.
            limit = due.at or self.state.clock
            self._trace(node.id, words.step(node), limit)
            woke = await self._await_event(node, wait, limit, mark)
            if woke == "time" and await self._missed(node, wait, limit):
                woke = "event"
        happened = woke == "event"
        self._trace(node.id, f"{words.event(wait.event)} {'happened → then' if happened else 'did not happen → else'}")
        self._branch(node, taken=happened)

    async def _await_event(self, node: Node, wait: model.WaitFor, limit: datetime, mark: int) -> Woke:
        return await self._pause(
            node, limit, words.step(node), done=lambda: self._heard(wait, limit), moved=_DATES_MOVED, mark=mark
        )

    def _heard(self, wait: model.WaitFor, limit: datetime | None) -> bool:
        return any(
            counts(wait.event, happening, self.state) and (limit is None or happening.at <= limit)
            for happening in self.state.heard
        )

    async def _missed(self, node: Node, wait: model.WaitFor, limit: datetime) -> bool:
        """Ask the store once before the time limit counts: a signal may be on its way still."""
        since, at = self.state.since or self.state.clock, self.state.clock
        for happening in await self._runtime.missed(node, since=since, at=at):
            self.hear(happening)
        self._catch_up()
        self._look_up()
        return self._heard(wait, limit)

    # Deciding ---------------------------------------------------------------------------------------------------

    async def _choose(self, node: Node, fork: model.If | model.Split | model.Stop) -> None:
        match fork:
            case model.If():
                self._branch(node, taken=await self._decide(node))
            case model.Split(shares=shares):
                variant = self.state.variants.get(node.id) or draw(self.state.enrollment, node.id, shares)
                self._trace(node.id, f"the lot falls on {variant}")
                self._leave(node, variant, node.variants[variant])
            case model.Stop(reason=reason, condition=condition, unless=unless):
                if condition is None or await self._decide(node) is not unless:
                    self._end(node, reason)
                self._leave(node, "passed", node.next)

    async def _decide(self, node: Node) -> bool:
        holds = await self._runtime.decide(node, at=self.state.clock)
        self._catch_up()
        self._look_up()
        self._trace(node.id, f"the condition {'holds' if holds else 'does not hold'}")
        return holds

    def _branch(self, node: Node, *, taken: bool) -> None:
        self._leave(node, "then" if taken else "else", node.then if taken else node.otherwise)

    # Sending ----------------------------------------------------------------------------------------------------

    async def _send(self, node: Node, send: model.Send) -> None:
        """Ask the gate, then send; a mail that was held until a time is not asked for twice, the send asks again."""
        held = False
        while self.state.node == node.index:
            mark = self._count(_GATE_MOVED)
            answer: Gate | Outcome = Gate(verdict="go") if held else await self._gate(node)
            if isinstance(answer, Gate) and answer.verdict == "go":
                answer = await self._post(node)
            held = await self._sent_or_held(node, send, answer, mark)

    async def _sent_or_held(self, node: Node, send: model.Send, answer: Gate | Outcome, mark: int) -> bool:
        """Whether a hold is over by time; every other answer leaves the step, ends the walk or is asked again."""
        match answer:
            case Gate(verdict="hold") | Outcome(status="hold"):
                return await self._hold_back(node, answer, mark) == "time"
            case Gate(verdict="end") | Outcome(status="end"):
                self._end(node, "consent")
            case Outcome(status="done"):
                self._leave(node, "sent", node.next)
            case Outcome(status="retry" | "failed") as outcome:
                await self._came_to_nothing(node, send.if_fails, outcome, send.if_fails.retry_for or SEND_PATIENCE)
            case _:
                self._trace(node.id, f"not sent: {answer.reason}")
                self._leave(node, "skipped", node.next)
        return False

    async def _gate(self, node: Node) -> Gate:
        gate = await self._runtime.gate(node, at=self.state.clock)
        self.state.consent_until = gate.consent_until
        self._catch_up()
        self._look_up()
        return gate

    async def _post(self, node: Node) -> Outcome:
        outcome = await self._runtime.send(node, at=self.state.clock)
        if outcome.status == "done":
            self.state.sent[node.id] = self.state.clock
            self._trace(node.id, words.step(node))
        self._absorb(outcome)
        return outcome

    async def _hold_back(self, node: Node, answer: Gate | Outcome, mark: int) -> Woke:
        self._trace(node.id, f"held: {answer.reason}", answer.until)
        why = f"Hold {node.id}: {answer.reason}"
        return await self._pause(node, answer.until, why, moved=_GATE_MOVED, mark=mark)

    # Acting -----------------------------------------------------------------------------------------------------

    async def _effects(self, node: Node) -> None:
        nodes = self._neighbors(node)
        outcome = await self._act(node, nodes)
        for done in nodes:
            self._trace(done.id, words.step(done))
            self._leave(done, "done", done.next)
        self._absorb(outcome)

    async def _act(self, node: Node, nodes: Sequence[Node]) -> Outcome:
        """Act, once nothing is on its way any more that this walk has to hear first; what ends it ends it here."""
        while True:
            mark = self._count(_GATE_MOVED)
            outcome = await self._runtime.act(nodes, at=self.state.clock)
            if outcome.status != "hold":
                return outcome
            self._absorb(outcome)
            await self._hold_back(node, outcome, mark)

    def _neighbors(self, node: Node) -> Sequence[Node]:
        """The effects that follow one another are one act, unless one of them may end the walk."""
        nodes = [node]
        while not self.plan.ends_on_own_effects and nodes[-1].next is not None:
            following = self.plan.nodes[nodes[-1].next]
            if not isinstance(following.action, model.LOCAL_EFFECTS):
                break
            nodes.append(following)
        return nodes

    async def _call(self, node: Node, if_fails: model.IfFails) -> None:
        while self.state.node == node.index:
            outcome = await self._act(node, [node])
            self._absorb(outcome)
            if outcome.status == "done":
                self._trace(node.id, words.step(node))
                self._leave(node, "done", node.next)
            else:
                await self._came_to_nothing(node, if_fails, outcome, if_fails.retry_for)

    async def _came_to_nothing(
        self, node: Node, if_fails: model.IfFails, outcome: Outcome, patience: Duration | None
    ) -> None:
        """Wait for the next try, or do what the step says; the caller tries again if the walk is still here."""
        self._look_up()
        again = self._next_try(node, outcome, patience)
        if again is not None:
            self._trace(node.id, f"failed ({outcome.reason}), tries again", again)
            await self._pause(node, again, f"Try {node.id} again: {outcome.reason}")
            return
        self._trace(node.id, f"failed ({outcome.reason}) → {if_fails.then}")
        match if_fails.then:
            case "go_on":
                self._leave(node, "failed", node.next)
            case "stop":
                self._end(node, f"failed: {node.id}")
            case "hold":
                await self._held(node, outcome.reason)

    def _next_try(self, node: Node, outcome: Outcome, patience: Duration | None) -> datetime | None:
        self.state.attempts += 1
        if outcome.status != "retry":
            return None
        since, now = self.state.since or self.state.clock, self.state.clock
        if self.state.attempts == 1 and since < now and self._runtime.follows(_FROM_FIRST_FAILURE, node):
            self.state.since = since = now  # a weekend on hold is no weekend of trying
        return next_try(patience, attempts=self.state.attempts, since=since, now=now, not_before=outcome.until)

    async def _held(self, node: Node, reason: str) -> None:
        """Tell the owner and wait until a person says retry or skip; exits hold meanwhile."""
        # Held before the owner knows: whoever answers at once must not be refused.
        self.state.held = "waiting"
        for happening in await self._runtime.hold(node, reason, at=self.state.clock) or ():
            self.hear(happening)
        await self._pause(node, None, f"Held at {node.id}: {reason}", done=lambda: self.state.held != "waiting")
        skipped = self.state.held == "skipped"
        self.state.held, self.state.attempts, self.state.since = None, 0, self.state.clock
        if skipped:
            self._leave(node, "skipped", node.next)

    # Time -------------------------------------------------------------------------------------------------------

    async def _due(self, node: Node) -> Due:
        due = await self._runtime.due(node, since=self.state.since or self.state.clock, at=self.state.clock)
        self.state.consent_until = due.consent_until
        self._catch_up()
        self._look_up()
        return due

    # Bookkeeping ------------------------------------------------------------------------------------------------

    def _absorb(self, outcome: Outcome) -> None:
        self._catch_up()
        for happening in outcome.heard:
            self.hear(happening)

    def _leave(self, node: Node, outcome: str, to: int | None) -> None:
        self._passed(node, outcome)
        self.state.node = to
        self.state.since, self.state.attempts = None, 0
