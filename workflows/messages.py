"""What goes into a walk and comes out of it, as histories keep it: only optional fields may ever be added.

No personal data of candidates in any field: ids, the company's own words, and times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

CommandKind: TypeAlias = Literal["cancel", "pause", "resume", "retry", "skip"]

# A cold wake replays the whole history at 0.35 ms an event: 400 events are 0.15 s.
HISTORY_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInput:
    """One walk: `plan` is the compiled plan's JSON by value, `version` its hash, `owner` a key of `people`.

    `shift` (seconds) is added to Temporal's time to give walk time; 0 outside tests and the demo. `event` is the id
    of the event that the walk is about. `variants` forces splits, in tests only. `state` is where a run goes on
    after continue-as-new, which happens between two steps once the history is longer than `history_limit`.
    """

    enrollment: str
    plan: Mapping[str, Any]
    enrolled_at: datetime
    sequence: str
    version: str
    owner: str
    shift: float = 0.0
    event: str | None = None
    variants: Mapping[str, str] | None = None
    state: Mapping[str, Any] | None = None
    history_limit: int = HISTORY_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a person to a walk; the same `id` applies once, however often it is delivered.

    `at` is walk time, the walk's own now when it is left out. `reason` is one of the company's own words.
    """

    id: str
    at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a walk is: its whole state, and what it does now in the marketer's words, until when.

    `resting` says that it waits, for time or for news; else it is at work. `shift` is that of its input.
    """

    state: Mapping[str, Any]
    step: str | None
    waiting: str
    until: datetime | None = None
    resting: bool = False
    shift: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkResult:
    """How a walk ended; `path` is (step, time, outcome) for every step that it left behind."""

    end: str
    at: datetime
    path: Sequence[tuple[str, datetime, str]]
