"""`welcome-engineering` as a good Temporal engineer writes it by hand: the yardstick for what our engine costs.

Same activities, policies, search attributes and labels as ours, so that only the engine differs. It knows this one
flow only, and less than ours around it: no pause, no hold, no expiring consent, no second look for lost signals, no
continue-as-new.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import asyncio
    from collections.abc import Callable
    from contextlib import suppress
    from dataclasses import dataclass
    from datetime import datetime
    from typing import Any

    from activities.messages import AtFork, AtStep, Decided, Effects, Finished, SinceStep
    from activities.walk import WalkActivities
    from rapport.engine.lot import draw
    from rapport.engine.runtime import Gate, Outcome
    from workflows import policies
    from workflows.queues import mail_queue
    from workflows.search_attributes import STATE, STEP, ended

NAME = "WelcomeByHand"
_SHARES = (("short", 50), ("personal", 50))
_LAST_STAGES = ("interview", "offer", "hired")
# What ends it wherever it stands, and what the end is called.
_ENDS = {
    "applied": "goal: applied",
    "replied": "replied",
    **{kind: kind for kind in ("unsubscribed", "erased", "bounced", "complained", "hired", "consent_withdrawn")},
}


class _Ended(Exception):
    """Leaves whatever the walk was doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Who is welcomed, since when; `owner` is a key of the company's people."""

    enrollment: str
    enrolled_at: datetime
    owner: str


@workflow.defn(name=NAME)
class WelcomeByHand:
    """One person's way through the welcome."""

    @workflow.init
    def __init__(self, welcome: Welcome) -> None:
        """Stand ready before the first signal comes."""
        self._enrollment = welcome.enrollment
        self._end = ""
        self._clicked = False
        self._seen: set[str] = set()

    @workflow.run
    async def run(self, welcome: Welcome) -> str:
        """Welcome them."""
        del welcome  # taken by __init__
        end = "end"
        try:
            await self._welcome()
        except _Ended:
            end = self._end
        await workflow.execute_activity_method(
            WalkActivities.finish_walk,
            Finished(enrollment=self._enrollment, end=end, at=workflow.now(), path=[]),
            **policies.called(policies.EFFECTS, activity_id="finish", summary=f"Record the end: {end}"),
        )
        workflow.upsert_search_attributes([STATE.value_set(ended(end))])
        await workflow.wait_condition(workflow.all_handlers_finished)
        return end

    @workflow.signal(name="happened", description="What happened, as a list of {id, kind, at, step, link, detail}")
    def happened(self, happenings: list[dict[str, Any]]) -> None:
        """Take in what happened, each once."""
        for happening in happenings:
            if happening["id"] not in self._seen:
                self._seen.add(happening["id"])
                self._hear(happening)

    def _hear(self, happening: dict[str, Any]) -> None:
        kind = happening["kind"]
        if kind == "clicked" and happening.get("step") == "welcome":
            self._clicked = True
        elif kind == "stage_changed_to" and happening["detail"]["stage"] in _LAST_STAGES:
            self._end = self._end or kind
        elif kind in _ENDS:
            self._end = self._end or _ENDS[kind]

    # The flow ---------------------------------------------------------------------------------------------------

    async def _welcome(self) -> None:
        await self._send("welcome", "Send welcome")
        label = "Wait 7 days for a click on welcome"
        if await self._wait("read-window", label, done=lambda: self._clicked):
            await self._apply("score-click", "Add 5 to the score")
        else:
            nudge = f"nudge-{draw(self._enrollment, 'subject-test', _SHARES)}"
            await self._send(nudge, f"Send {nudge}")
        await self._wait("pause-month", "Wait 30 days")
        if await self._is_hot():
            await self._send("book-call", "Send book-a-call")
            await self._apply("call-task", "Task for owner-recruiter")
        else:
            await self._send("check-in", "Send check-in")

    # What its steps do ------------------------------------------------------------------------------------------

    async def _send(self, step: str, label: str) -> None:
        """Ask whether it may go, wait if it has to, and send; the send asks again where it matters."""
        question = AtStep(enrollment=self._enrollment, step=step, at=workflow.now())
        answer: Gate | Outcome = await workflow.execute_local_activity_method(
            WalkActivities.gate, question, **policies.asked(f"May it go now? {label}")
        )
        self._look_up()
        if isinstance(answer, Gate) and answer.verdict == "skip":
            return
        if isinstance(answer, Gate) and answer.verdict == "go":
            answer = await self._post(step, label)
        while _verdict(answer) == "hold":
            self._show(step, "mail-held-back")
            await self._sleep(answer.until, f"Hold {step}: {answer.reason}", done=lambda: False)
            answer = await self._post(step, label)
        if _verdict(answer) == "end":
            self._end = "consent"
            raise _Ended

    async def _post(self, step: str, label: str) -> Outcome:
        policy = policies.called(policies.SEND, activity_id=f"send:{step}", summary=label)
        policy["task_queue"] = mail_queue(workflow.info().task_queue)
        mail = AtStep(enrollment=self._enrollment, step=step, at=workflow.now())
        outcome = await workflow.execute_activity_method(WalkActivities.send_email, mail, **policy)
        self._look_up()
        return outcome

    async def _wait(self, step: str, label: str, *, done: Callable[[], bool] = lambda: False) -> bool:
        """Wait for the time or for `done`; days are days of the person's calendar, so an activity counts them."""
        now = workflow.now()
        due = await workflow.execute_local_activity_method(
            WalkActivities.due,
            SinceStep(enrollment=self._enrollment, step=step, since=now, at=now),
            **policies.asked(f"Work out the time: {label}"),
        )
        self._look_up()
        if not done():
            self._show(step, "waiting")
            await self._sleep(due.at, label, done=done)
        return done()

    async def _sleep(self, until: datetime | None, label: str, *, done: Callable[[], bool]) -> None:
        remaining = None if until is None else until - workflow.now()
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: bool(self._end) or done(), timeout=remaining, timeout_summary=policies.label(label)
            )
        self._look_up()

    async def _is_hot(self) -> bool:
        question = AtFork(enrollment=self._enrollment, step="hot-or-not", at=workflow.now())
        hot = await workflow.execute_local_activity_method(
            WalkActivities.decide, question, **policies.asked("Decide hot-or-not")
        )
        self._look_up()
        return hot.holds if isinstance(hot, Decided) else hot

    async def _apply(self, step: str, label: str) -> None:
        await workflow.execute_activity_method(
            WalkActivities.apply_effects,
            Effects(enrollment=self._enrollment, steps=[step], at=workflow.now()),
            **policies.called(policies.EFFECTS, activity_id=f"effects:{step}", summary=label),
        )
        self._look_up()

    def _show(self, step: str, state: str) -> None:
        workflow.upsert_search_attributes([STEP.value_set(step), STATE.value_set(state)])

    def _look_up(self) -> None:
        if self._end:
            raise _Ended


def _verdict(answer: Gate | Outcome) -> str:
    return answer.verdict if isinstance(answer, Gate) else answer.status
