"""What walks ask of activities: ids, words of the company's own, and walk time; only optional fields may be added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rapport.engine.runtime import Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class AtEnrollment:
    """A question about one enrollment."""

    enrollment: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AtStep:
    """A question or an act at one step."""

    enrollment: str
    step: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AtFork:
    """A question about a condition; `then` and `otherwise` are the steps of the mails that come next, if any do."""

    enrollment: str
    step: str
    at: datetime
    then: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceStep:
    """A question about a step that was entered at `since`; `otherwise` is the step of the mail that comes after it."""

    enrollment: str
    step: str
    since: datetime
    at: datetime
    otherwise: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What came of a condition, and whether the mail that comes next may go: one history event instead of two."""

    holds: bool
    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Effects that are done together, in this order."""

    enrollment: str
    steps: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """A walk that cannot go on until a person has looked."""

    enrollment: str
    step: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a walk ended, and every step that it left behind as (step, time, outcome)."""

    enrollment: str
    end: str
    at: datetime
    path: Sequence[tuple[str, datetime, str]]
