"""The Temporal way of keeping a walk alive: reads are local activities, acts are activities, a wait is one timer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow

from activities.messages import AtEnrollment, AtFork, AtStep, Effects, Finished, SinceStep, Standstill
from activities.walk import WalkActivities
from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.engine import words
from rapport.engine.happening import Happening
from rapport.engine.lot import draw
from rapport.engine.runtime import Due, Gate, Inbox, Outcome
from rapport.engine.state import End, WalkState
from workflows import details, policies
from workflows.messages import Position, WalkInput
from workflows.policies import label
from workflows.queues import mail_queue
from workflows.search_attributes import STATE, STEP, ended

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# Walks that were under way before this existed replay without it.
_AFRESH_AT_A_WAIT = "afresh-at-a-wait"
# Times the limit between two steps, which comes first for nearly everybody and asks for nothing anew.
_LONGER_AT_A_WAIT = 3


class TemporalRuntime:
    """A `Runtime` whose clock is the workflow's and whose desk is behind activities."""

    def __init__(self, walk: WalkInput, plan: Plan, state: WalkState) -> None:
        """Keep the state to read it; only the walk changes it."""
        self.over: End | None = None
        self._walk = walk
        self._plan = plan
        self._state = state
        self._shift = timedelta(seconds=walk.shift)
        self._shown: tuple[str, str] | None = None
        # The gate's answer for the mail at a step at an instant, which came along with another answer.
        self._foreseen: tuple[str, datetime, Gate] | None = None
        self._waiting = ""
        self._until: datetime | None = None
        # Whether this run has slept; one that has not must not make way for another, which would not either.
        self._woken = False

    def now(self) -> datetime:
        """The workflow's time, shifted."""
        return workflow.now() + self._shift

    def begin(self) -> None:
        """Say where the person is; a new run knows nothing of what the last one showed."""
        workflow.set_current_details(details.starting(self._plan, self._state))

    def position(self) -> Position:
        """Where the walk is, for queries."""
        node = None if self._state.node is None else self._plan.nodes[self._state.node]
        doing = self._waiting or (words.step(node) if node is not None and self.over is None else "")
        step = node.id if node is not None and self.over is None else None
        return Position(
            state=self._state.to_json(),
            step=step,
            waiting=doing,
            until=self._until,
            resting=bool(self._waiting),
            shift=self._walk.shift,
        )

    # Reading ----------------------------------------------------------------------------------------------------

    async def due(self, node: Node, *, since: datetime, at: datetime) -> Due:
        """Ask the desk."""
        question = SinceStep(enrollment=self._walk.enrollment, step=node.id, since=since, at=at)
        return await _ask(WalkActivities.due, question, f"Work out the time: {words.step(node)}")

    async def decide(self, node: Node, *, at: datetime) -> bool:
        """Ask the desk, and in the same breath whether the mail that comes next may go."""
        mails = {True: self._mail_at(node.then), False: self._mail_at(node.otherwise)}
        then, otherwise = (mail.id if mail else None for mail in mails.values())
        question = AtFork(enrollment=self._walk.enrollment, step=node.id, at=at, then=then, otherwise=otherwise)
        answer = await _ask(WalkActivities.decide, question, words.step(node))
        if isinstance(answer, bool):
            return answer
        self._foresee(mails[answer.holds], at, answer.gate)
        return answer.holds

    async def gate(self, node: Node, *, at: datetime) -> Gate:
        """Ask the desk, unless it has answered for this instant already."""
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None and foreseen[:2] == (node.id, at):
            return foreseen[2]
        return await _ask(WalkActivities.gate, self._at(node, at), f"May it go now? {words.step(node)}")

    async def consent(self, *, at: datetime) -> Gate:
        """Ask the desk."""
        question = AtEnrollment(enrollment=self._walk.enrollment, at=at)
        return await _ask(WalkActivities.consent, question, "Is there still consent?")

    async def missed(self, node: Node, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """Ask the desk, and in the same breath whether the mail that comes next may go."""
        mail = self._mail_at(node.otherwise)
        otherwise = mail.id if mail else None
        question = SinceStep(enrollment=self._walk.enrollment, step=node.id, since=since, at=at, otherwise=otherwise)
        answer = await _ask(WalkActivities.missed, question, f"Anything missed? {words.step(node)}")
        if not isinstance(answer, Gate):
            return answer
        self._foresee(mail, at, answer)
        return ()

    def _mail_at(self, pointer: int | None) -> Node | None:
        """The send step that is reached at once from here, if one is."""
        node = None if pointer is None else self._plan.nodes[pointer]
        if node is not None and isinstance(node.action, model.Split):
            variant = self._state.variants.get(node.id) or draw(self._state.enrollment, node.id, node.action.shares)
            return self._mail_at(node.variants[variant])
        return node if node is not None and isinstance(node.action, model.Send) else None

    def _foresee(self, mail: Node | None, at: datetime, gate: Gate) -> None:
        """Keep an answer for the very next question; a wrong guess costs only the event that it would have saved."""
        self._foreseen = None if mail is None else (mail.id, at, gate)

    # Waiting ----------------------------------------------------------------------------------------------------

    async def sleep(self, node: Node, inbox: Inbox, *, until: datetime | None, why: str) -> None:
        """One timer, or none when only the inbox can wake it or the time has come already."""
        remaining = None if until is None else until - self.now()
        if remaining is not None and remaining <= timedelta(0):
            return
        await self._start_afresh(node)
        self._waiting, self._until = why, until
        self._foreseen = None
        workflow.set_current_details(details.waiting(self._plan, self._state, node, why, until))
        self._show(node.id, details.state_word(self._state, node))
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(lambda: inbox.stirred, timeout=remaining, timeout_summary=label(why))
        self._waiting, self._until = "", None

    async def _start_afresh(self, node: Node) -> None:
        """News may come by the thousand at one long wait, and the server ends a walk whose history is full.

        Only a wait can be begun again without doing anything twice; it keeps the instant since when it lasts.
        """
        waits = isinstance(node.action, model.Wait | model.WaitUntil | model.WaitFor)
        if self._woken and waits and self._history_is_long(_LONGER_AT_A_WAIT) and workflow.patched(_AFRESH_AT_A_WAIT):
            await self.between(self._state)
        self._woken = True

    # Acting -----------------------------------------------------------------------------------------------------

    async def send(self, node: Node, *, at: datetime) -> Outcome:
        """Send on the queue of mails."""
        policy = policies.called(policies.SEND, activity_id=f"send:{node.id}", summary=words.step(node))
        policy["task_queue"] = mail_queue(workflow.info().task_queue)
        return await workflow.execute_activity_method(WalkActivities.send_email, self._at(node, at), **policy)

    async def act(self, nodes: Sequence[Node], *, at: datetime) -> Outcome:
        """Do what these steps do; calls to others read as such in Temporal UI."""
        match nodes[0].action:
            case model.Ats():
                activity, kind, policy = WalkActivities.call_ats, "ats", policies.CALL
            case model.Webhook():
                activity, kind, policy = WalkActivities.call_webhook, "webhook", policies.CALL
            case _:
                activity, kind, policy = WalkActivities.apply_effects, "effects", policies.EFFECTS
        return await workflow.execute_activity_method(
            activity,
            Effects(enrollment=self._walk.enrollment, steps=[node.id for node in nodes], at=at),
            **policies.called(policy, activity_id=f"{kind}:{nodes[0].id}", summary=words.steps(nodes)),
        )

    async def hold(self, node: Node, reason: str, *, at: datetime) -> Sequence[Happening] | None:
        """Ask the owner to look."""
        summary = f"Ask {self._walk.owner} to look at {node.id}: {reason}"
        return await workflow.execute_activity_method(
            WalkActivities.hold_walk,
            Standstill(enrollment=self._walk.enrollment, step=node.id, reason=reason, at=at),
            **policies.called(policies.EFFECTS, activity_id=f"hold:{node.id}", summary=summary),
        )

    # Between and after ------------------------------------------------------------------------------------------

    def follows(self, change: str, node: Node) -> bool:
        """By step, because the answer is kept for the whole run: each step is asked where it is come to."""
        return workflow.patched(f"{change}:{node.id}")

    async def between(self, state: WalkState) -> None:
        """Start a fresh history when this one is long; handlers first, so that no message is lost."""
        if state.node is None or not self._history_is_long():
            return
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(replace(self._walk, state=state.to_json()))

    async def finish(self, end: End, state: WalkState) -> End | None:
        """Record the end, and leave a final state for lists."""
        self.over = end
        workflow.set_current_details(details.over(end, state))
        first = await workflow.execute_activity_method(
            WalkActivities.finish_walk,
            Finished(
                enrollment=self._walk.enrollment,
                end=end.name,
                at=end.at,
                path=[(passed.step, passed.at, passed.outcome) for passed in state.path],
            ),
            **policies.called(policies.EFFECTS, activity_id="finish", summary=f"Record the end: {end.name}"),
        )
        if first is not None:
            self.over = end = first
            workflow.set_current_details(details.over(end, state))
        workflow.upsert_search_attributes([STATE.value_set(ended(end.name))])
        return first

    def _at(self, node: Node, at: datetime) -> AtStep:
        return AtStep(enrollment=self._walk.enrollment, step=node.id, at=at)

    def _history_is_long(self, times: int = 1) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
            or info.get_current_history_length() > times * self._walk.history_limit
        )

    def _show(self, step: str, state: str) -> None:
        """Tell lists where the walk is, and only what they do not know: each time is an event."""
        if self._shown != (step, state):
            self._shown = (step, state)
            workflow.upsert_search_attributes([STEP.value_set(step), STATE.value_set(state)])


async def _ask(
    activity: Callable[[WalkActivities, Question], Awaitable[Answer]], question: Question, summary: str
) -> Answer:
    return await workflow.execute_local_activity_method(activity, question, **policies.asked(summary))
