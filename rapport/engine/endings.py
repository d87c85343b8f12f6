"""Which end a walk has reached: the always-on ones, its exits and its goals, in the order of the language."""

from datetime import datetime

from rapport.dsl.events import ALWAYS_ON, PER_PURPOSE, Pattern
from rapport.dsl.plan import Plan
from rapport.engine.happening import Happening, matches
from rapport.engine.state import End, WalkState

# At one instant an exit counts before a goal.
_EXIT, _GOAL = 1, 2


def ending(plan: Plan, state: WalkState) -> End | None:
    """The end that what was heard so far amounts to: the earliest, and at one instant exit before goal."""
    found = [verdict for happening in state.heard if (verdict := _verdict(plan, state, happening)) is not None]
    if not found:
        return None
    at, _, name = min(found)
    return End(name, max(at, state.clock))


def _verdict(plan: Plan, state: WalkState, happening: Happening) -> tuple[datetime, int, str] | None:
    if happening.kind == "cancelled":
        return happening.at, _EXIT, "cancelled"
    if any(counts(pattern, happening, state) for pattern in plan.exit):
        return happening.at, _EXIT, happening.kind
    # A sequence whose goal is a hire calls it a success, though a hire ends every walk.
    if any(counts(pattern, happening, state) for pattern in plan.goal):
        return happening.at, _GOAL, f"goal: {happening.kind}"
    if _always_on(plan, happening):
        return happening.at, _EXIT, ALWAYS_ON[happening.kind]
    if _event_is_off(plan, state, happening):
        return happening.at, _EXIT, "event_cancelled"
    return None


def _always_on(plan: Plan, happening: Happening) -> bool:
    if happening.kind in PER_PURPOSE:
        return happening.detail.get("purpose", "all") in ("all", plan.purpose)
    return happening.kind in ALWAYS_ON


def _event_is_off(plan: Plan, state: WalkState, happening: Happening) -> bool:
    """A follow-up of an event that is called off has nothing to follow, unless its file says what then."""
    if happening.kind != "event_cancelled" or state.event is None or happening.detail.get("event") != state.event:
        return False
    return all(pattern.kind != "event_cancelled" for pattern in plan.listens)


def counts(pattern: Pattern, happening: Happening, state: WalkState) -> bool:
    """Whether a heard happening is what the pattern means in this walk: about its event, after that mail."""
    if not matches(pattern, happening, event=state.event):
        return False
    if pattern.step is None:
        return True
    sent = state.sent.get(pattern.step)
    return sent is not None and happening.at >= sent
