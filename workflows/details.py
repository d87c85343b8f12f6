"""What Temporal UI shows of a walk: where the person is and what comes next, in the marketer's words."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.engine import words
from rapport.engine.state import End, Passed, WalkState

# More is in the timeline above; details are read at a glance.
_LAST_STEPS = 5


def starting(plan: Plan, state: WalkState) -> str:
    """The details of a run that begins."""
    node = None if state.node is None else plan.nodes[state.node]
    return _list(("Now", _step(node)), *_behind(state))


def waiting(plan: Plan, state: WalkState, node: Node, why: str, until: datetime | None) -> str:
    """The details of a walk that waits at `node`."""
    when = ("Until", _moment(until)) if until else ("Until", "somebody acts")
    return _list(("Now", f"{why} (step `{node.id}`)"), when, *_ahead(plan, node), *_behind(state))


def over(end: End, state: WalkState) -> str:
    """The details of a walk that has ended."""
    return _list(("Ended", f"{end.name}, {_moment(end.at)}"), *_behind(state))


def state_word(state: WalkState, node: Node) -> str:
    """The value of RapportState for a walk that waits: it names what has to happen for it to go on."""
    if state.paused:
        return "paused"
    if state.held is not None:
        return "held"
    match node.action:
        case model.Send():
            return "retrying" if state.attempts else "mail-held-back"
        case model.Ats() | model.Webhook():
            return "retrying"
        case _:
            return "waiting"


def _ahead(plan: Plan, node: Node) -> Iterator[tuple[str, str]]:
    following = [None if pointer is None else plan.nodes[pointer] for pointer in (node.then, node.otherwise, node.next)]
    match node.action:
        case model.WaitFor(event=pattern):
            yield f"After {words.event(pattern)}", _step(following[0])
            yield "Otherwise", _step(following[1])
        case model.WaitUntil():
            yield "Next", _step(following[0])
        case _:
            yield "Next", _step(following[2])


def _behind(state: WalkState) -> Iterator[tuple[str, str]]:
    if state.path:
        yield "So far", ", ".join(_passed(passed) for passed in state.path[-_LAST_STEPS:])


def _passed(passed: Passed) -> str:
    return f"`{passed.step}` {passed.outcome} on {passed.at.astimezone(UTC):%Y-%m-%d}"


def _step(node: Node | None) -> str:
    return "the end of the sequence" if node is None else words.step(node)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%A %Y-%m-%d %H:%M} UTC"


def _list(*items: tuple[str, str]) -> str:
    return "\n".join(f"- **{name}:** {text}" for name, text in items)
