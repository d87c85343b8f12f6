"""What came of a walk, whichever engine it ran on: what a test case is held against, and engines against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.engine.state import End, Passed

_EMPTY: Mapping[str, Any] = {"score": 0, "tags": [], "pools": [], "skills": [], "consent": []}


@dataclass(frozen=True, slots=True)
class Deed:
    """One mail or effect: when, at which step, and for a mail which one."""

    at: datetime
    step: str
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One walk; `end` is None while it waits at the step `waits_at`.

    `candidate` holds the fields of the candidate as they are then, by their bare names, `consent` among them.
    """

    path: Sequence[Passed]
    mails: Sequence[Deed]
    actions: Sequence[Deed]
    end: End | None
    waits_at: str | None = None
    candidate: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ends(self) -> str:
        """How it ended, in the words of a test file; or where it still waits."""
        return self.end.name if self.end else f"still waiting at {self.waits_at}"

    @property
    def reached(self) -> frozenset[str]:
        """Every step that the walk came to."""
        return frozenset(passed.step for passed in self.path) | ({self.waits_at} if self.waits_at else frozenset())

    def of_candidate(self, key: str) -> Any:
        """A field of the candidate; None when it is not known."""
        found = self.candidate.get(key)
        return _EMPTY.get(key) if found is None else found
