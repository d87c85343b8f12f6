"""The typed model: one frozen class per verb, as both an authored step and a node of the plan carry it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rapport.dsl.conditions import Condition
from rapport.dsl.duration import Duration
from rapport.dsl.events import Pattern

Then: TypeAlias = Literal["go_on", "stop", "hold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day named by a date field or written out, moved by an offset, at a local time."""

    day: str
    offset: Duration | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IfFails:
    """What a step does when the other side keeps refusing: first retry for a while, then go on, stop or hold."""

    retry_for: Duration | None = None
    then: Then = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send one named mail."""

    mail: str
    sender: str
    window: str | None = None
    reply_to_previous: bool = False
    not_after: str | None = None
    if_fails: IfFails = field(default_factory=IfFails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Pause for a length of time."""

    duration: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Pause until a moment; `if_late` says what to do when it has passed."""

    moment: Moment
    if_late: Literal["skip", "go_on", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFor:
    """Pause until something has happened, or until the time limit (exactly one of `within`, `until`)."""

    event: Pattern
    within: Duration | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """Choose a branch by a condition."""

    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Choose a branch by lot; `shares` are (variant, percent) and add up to 100."""

    shares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Change the engagement score."""

    how: Literal["add", "subtract", "set"]
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Put a tag on the candidate or take it off."""

    how: Literal["add", "remove"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Put the candidate into a talent pool or take them out."""

    how: Literal["add", "remove"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ats:
    """Read from the ATS or write to it; `save_as` names what was read."""

    how: Literal["read", "add_tag", "remove_tag", "add_note", "move_to_pool"]
    what: str
    save_as: str | None = None
    if_fails: IfFails


@dataclass(frozen=True, slots=True, kw_only=True)
class Enroll:
    """Start another sequence for the same candidate."""

    sequence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Call a named webhook; `data` maps keys to a field path or to `{text: …}`."""

    to: str
    data: Mapping[str, Any]
    if_fails: IfFails


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Ask a colleague to do something; `assignee` is a person's key or `owner-recruiter`."""

    assignee: str
    title: str
    due: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End the walk with a reason: always, if a condition holds, or unless it holds."""

    reason: str
    condition: Condition | None = None
    unless: bool = False


Action: TypeAlias = (
    Send | Wait | WaitUntil | WaitFor | If | Split | Score | Tag | Pool | Ats | Enroll | Webhook | Task | Stop
)
# Effects that touch only our own store: neighbors are done together, in one activity.
LOCAL_EFFECTS = (Score, Tag, Pool, Enroll, Task)
EFFECTS = (*LOCAL_EFFECTS, Ats, Webhook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Who enters a sequence by themselves, and how often."""

    when: tuple[Pattern, ...] = ()
    only_if: Condition | None = None
    once_per: str | None = None
    again_after: Duration | None = None
    once: bool = False
