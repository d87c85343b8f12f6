"""What a walk needs of the world: the `Runtime` protocol, and the answers that it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from rapport.dsl.plan import Node
from rapport.engine.happening import Happening
from rapport.engine.state import End, WalkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a wait is over; `at` is None when the date it hangs on is not known (or its event is cancelled)."""

    at: datetime | None
    consent_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether a mail may go now: `go`, `hold` until an instant, `skip` it, or `end` the walk (consent is gone).

    `reason` is a few words for people: `office-hours`, `never between 21:00 and 07:00`, `out of office`.
    """

    verdict: Literal["go", "hold", "skip", "end"]
    until: datetime | None = None
    reason: str = ""
    consent_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a send or of effects.

    `done`; `retry` later (the other side is unavailable), and not before `until` if it asked for that; `failed` for
    good; `hold` when the walk must hear or wait for something first; and for sends the other verdicts of the gate.
    `heard` is what this walk must know at once: what the act itself caused (a hard bounce, a tag, a score), or what
    was on its way and ends the walk before the act.
    """

    status: Literal["done", "retry", "failed", "hold", "skip", "end"]
    until: datetime | None = None
    reason: str = ""
    heard: tuple[Happening, ...] = ()


class Inbox(Protocol):
    """Where a runtime looks whether something new has been heard while the walk sleeps."""

    @property
    def stirred(self) -> bool:
        """Whether something was heard that the walk has not looked at yet."""
        ...


class Runtime(Protocol):
    """One way of keeping a walk alive: Temporal, or a virtual clock. `at` is always walk time."""

    def now(self) -> datetime:
        """Walk time as this runtime measures it; the walk's own clock follows it."""
        ...

    async def due(self, node: Node, *, since: datetime, at: datetime) -> Due:
        """When the wait of this node, entered at `since`, is over."""
        ...

    async def decide(self, node: Node, *, at: datetime) -> bool:
        """Whether the condition of this node holds; what it read goes to the store, for `why`."""
        ...

    async def gate(self, node: Node, *, at: datetime) -> Gate:
        """Whether the mail of this node may go now."""
        ...

    async def consent(self, *, at: datetime) -> Gate:
        """Whether the person still consents to the purpose of this sequence: `go` or `end`."""
        ...

    async def missed(self, node: Node, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """What the store knows of the awaited event at the deadline that the walk was not told."""
        ...

    async def sleep(self, node: Node, inbox: Inbox, *, until: datetime | None, why: str) -> None:
        """Come back at `until`, or as soon as the inbox is stirred; None waits for the inbox alone."""
        ...

    async def send(self, node: Node, *, at: datetime) -> Outcome:
        """Send the mail of this node, once and only if the gate is open in the same transaction."""
        ...

    async def act(self, nodes: Sequence[Node], *, at: datetime) -> Outcome:
        """Do these effects, each once; `hold` when none was done, because something has to be heard first."""
        ...

    async def hold(self, node: Node, reason: str, *, at: datetime) -> Sequence[Happening] | None:
        """Tell the sequence's owner that the walk stands still here until a person says retry or skip.

        Or, instead, what is on its way to the walk and ends it: then nobody is asked.
        """
        ...

    def follows(self, change: str, node: Node) -> bool:
        """Whether a change of what sequences mean holds here; a walk that has gone by the old meaning keeps to it."""
        ...

    async def between(self, state: WalkState) -> None:
        """Called between two steps, when nothing is under way: the place to start a fresh history."""
        ...

    async def finish(self, end: End, state: WalkState) -> End | None:
        """Record the end; the end that came first and is recorded instead, when one was still on its way."""
        ...
