"""What a walk asks of the world, as activities around one desk; names are explicit, so moving code strands no run."""

from collections.abc import Sequence
from dataclasses import replace

from temporalio import activity

from activities.errors import failures_as_codes, without_addresses
from activities.heartbeat import alive
from activities.messages import AtEnrollment, AtFork, AtStep, Decided, Effects, Finished, SinceStep, Standstill
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed
from rapport.ports import WalkDesk


class WalkActivities:
    """The activities of walks; each may run twice, and the desk makes the second time harmless."""

    def __init__(self, desk: WalkDesk) -> None:
        """Take the desk that wiring built."""
        self._desk = desk

    @activity.defn(name="due")
    async def due(self, question: SinceStep) -> Due:
        """When the wait of this step is over."""
        with failures_as_codes():
            return await self._desk.due(question.enrollment, question.step, since=question.since, at=question.at)

    @activity.defn(name="decide")
    async def decide(self, question: AtFork) -> bool | Decided:
        """Whether the step's condition holds; the values that it read stay in the store."""
        with failures_as_codes():
            holds = await self._desk.decide(question.enrollment, question.step, at=question.at)
            mail = question.then if holds else question.otherwise
            if mail is None:
                return holds
            return Decided(holds=holds, gate=await self._desk.gate(question.enrollment, mail, at=question.at))

    @activity.defn(name="gate")
    async def gate(self, question: AtStep) -> Gate:
        """Whether the step's mail may go now."""
        with failures_as_codes():
            return await self._desk.gate(question.enrollment, question.step, at=question.at)

    @activity.defn(name="consent")
    async def consent(self, question: AtEnrollment) -> Gate:
        """Whether consent for the sequence's purpose is valid."""
        with failures_as_codes():
            return await self._desk.consent(question.enrollment, at=question.at)

    @activity.defn(name="missed")
    async def missed(self, question: SinceStep) -> Sequence[Happening] | Gate:
        """Stored events that the step waits for; where there are none and a mail comes next, whether it may go."""
        enrollment, at = question.enrollment, question.at
        with failures_as_codes():
            found = await self._desk.missed(enrollment, question.step, since=question.since, at=at)
            if found or question.otherwise is None:
                return found
            return await self._desk.gate(enrollment, question.otherwise, at=at)

    @activity.defn(name="send_email")
    async def send_email(self, mail: AtStep) -> Outcome:
        """Send the step's mail, once."""
        with failures_as_codes():
            async with alive():
                return _plain(await self._desk.send(mail.enrollment, mail.step, at=mail.at))

    @activity.defn(name="apply_effects")
    async def apply_effects(self, effects: Effects) -> Outcome:
        """Scores, tags, pools, enrollments and tasks, in one go."""
        return await self._act(effects)

    @activity.defn(name="call_ats")
    async def call_ats(self, effects: Effects) -> Outcome:
        """Read from the ATS or write to it."""
        return await self._act(effects)

    @activity.defn(name="call_webhook")
    async def call_webhook(self, effects: Effects) -> Outcome:
        """Call one of the company's webhooks."""
        return await self._act(effects)

    @activity.defn(name="hold_walk")
    async def hold_walk(self, standstill: Standstill) -> Sequence[Happening] | None:
        """Ask the owner to look; or what ends the walk, which then asks nobody."""
        with failures_as_codes():
            return await self._desk.hold(standstill.enrollment, standstill.step, standstill.reason, at=standstill.at)

    @activity.defn(name="finish_walk")
    async def finish_walk(self, finished: Finished) -> End | None:
        """Record the end; the one that was recorded instead, if another one was."""
        with failures_as_codes():
            path = [Passed(step, at, outcome) for step, at, outcome in finished.path]
            return await self._desk.finish(finished.enrollment, End(finished.end, finished.at), path)

    async def _act(self, effects: Effects) -> Outcome:
        with failures_as_codes():
            async with alive():
                return _plain(await self._desk.act(effects.enrollment, effects.steps, at=effects.at))


def _plain(outcome: Outcome) -> Outcome:
    return replace(outcome, reason=without_addresses(outcome.reason))
