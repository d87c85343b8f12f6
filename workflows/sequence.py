"""The workflow `Sequence`: one person's walk through one sequence, for as long as it takes."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

# Passed through: loading them into every walk's sandbox costs 36 ms and 2.4 MB a walk.
with workflow.unsafe.imports_passed_through():
    import asyncio
    import re
    from typing import Any

    from rapport.dsl.plan import Plan
    from rapport.engine.happening import Happening
    from rapport.engine.interpreter import Walk
    from rapport.engine.state import End, WalkState
    from workflows.messages import Command, Position, WalkInput, WalkResult
    from workflows.temporal_runtime import TemporalRuntime

# A free text might name a person; the reasons that people choose from are words like these.
_REASON = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@workflow.defn(name="Sequence")
class SequenceWalk:
    """Keeps a walk alive; what the walk means is the interpreter's alone."""

    @workflow.init
    def __init__(self, walk: WalkInput) -> None:
        """Stand ready before the first message comes."""
        plan = Plan.read(walk.plan)
        self._state = _state(walk)
        self._runtime = TemporalRuntime(walk, plan, self._state)
        self._walk = Walk(plan, self._state, self._runtime)

    @workflow.run
    async def run(self, walk: WalkInput) -> WalkResult:
        """Walk to the end."""
        del walk  # taken by __init__
        self._runtime.begin()
        end = await self._to_the_end()
        await workflow.wait_condition(workflow.all_handlers_finished)
        path = [(passed.step, passed.at, passed.outcome) for passed in self._state.path]
        return WalkResult(end=end.name, at=end.at, path=path)

    @workflow.signal(name="happened", description="What happened, as a list of {id, kind, at, step, link, detail}")
    def happened(self, happenings: list[dict[str, Any]]) -> None:
        """Take in what happened; the walk acts on it."""
        for happening in happenings:
            self._walk.hear(Happening.from_json(happening))

    @workflow.query(name="position", description="Where the person is and what the walk waits for")
    def position(self) -> Position:
        """Where the walk is."""
        return self._runtime.position()

    @workflow.update(name="cancel", description="End this walk now")
    def cancel(self, command: Command) -> str:
        """End the walk here."""
        return self._obey(command, "cancelled")

    @cancel.validator
    def _may_cancel(self, command: Command) -> None:
        self._check(command, ok=not self._has_heard("cancelled"), reason="already-cancelled")

    @workflow.update(name="pause", description="Stand still until resumed; exits still hold")
    def pause(self, command: Command) -> str:
        """Stand still."""
        return self._obey(command, "paused")

    @pause.validator
    def _may_pause(self, command: Command) -> None:
        self._check(command, ok=not self._state.paused, reason="already-paused")

    @workflow.update(name="resume", description="Go on after a pause")
    def resume(self, command: Command) -> str:
        """Go on."""
        return self._obey(command, "resumed")

    @resume.validator
    def _may_resume(self, command: Command) -> None:
        self._check(command, ok=self._state.paused, reason="not-paused")

    @workflow.update(name="retry", description="Try the step again at which this walk is held")
    def retry(self, command: Command) -> str:
        """Try the held step again."""
        return self._obey(command, "retried")

    @retry.validator
    def _may_retry(self, command: Command) -> None:
        self._check(command, ok=self._state.held == "waiting", reason="not-held")

    @workflow.update(name="skip", description="Leave out the step at which this walk is held")
    def skip(self, command: Command) -> str:
        """Leave the held step out."""
        return self._obey(command, "skipped")

    @skip.validator
    def _may_skip(self, command: Command) -> None:
        self._check(command, ok=self._state.held == "waiting", reason="not-held")

    async def _to_the_end(self) -> End:
        """Walk; cancelled in Temporal, by its web pages say, it ends as by our own command, and the store hears of it.

        The walk is a task of its own, because a mail that is being sent must not be broken off.
        """
        walking = asyncio.create_task(self._walk.run())
        try:
            return await asyncio.shield(walking)
        except asyncio.CancelledError:
            if workflow.cancellation_reason() is None:  # this walk only leaves the worker's cache
                raise
            self._obey(Command(id=f"{self._state.enrollment}/cancelled-in-temporal"), "cancelled")
            return await walking

    def _check(self, command: Command, *, ok: bool, reason: str) -> None:
        """Refuse what makes no sense now, leaving no event; what was applied once is let through to answer the same."""
        if command.reason is not None and not _REASON.fullmatch(command.reason):
            raise ApplicationError("A reason is one word like not-interested.", type="bad-reason", non_retryable=True)
        if command.id in self._state.seen:
            return
        if self._runtime.over is not None:
            raise ApplicationError("The walk has ended.", type="ended", non_retryable=True)
        if not ok:
            raise ApplicationError(f"The walk is {reason.replace('-', ' ')}.", type=reason, non_retryable=True)

    def _obey(self, command: Command, kind: str) -> str:
        at = max(command.at or self._runtime.now(), self._state.enrolled_at)
        detail = {"reason": command.reason} if command.reason else {}
        self._walk.hear(Happening(id=command.id, kind=kind, at=at, detail=detail))
        return kind

    def _has_heard(self, kind: str) -> bool:
        return any(happening.kind == kind for happening in self._state.heard)


def _state(walk: WalkInput) -> WalkState:
    """Where this run begins: at the first step, or where the last run left off."""
    if walk.state is not None:
        return WalkState.from_json(walk.state)
    return WalkState.begin(walk.enrollment, walk.enrolled_at, event=walk.event, variants=walk.variants)
