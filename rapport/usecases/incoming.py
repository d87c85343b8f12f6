"""What comes in at a door, before it is stored, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that somebody tells us happened; `dedupe_key` makes a second telling harmless.

    `at` is walk time. `candidate` is None only for what happens to an event. `detail` holds what the kind needs:
    `event` (and its new fields), `pool`, `tag`, `stage`, `reason`, `application`, `job`, `recruiter`, `form`, `name`,
    `sequence`, `as`, `score`, `until`, `purpose` (unsubscribed, consent_withdrawn; missing means all of them),
    `bounce` (`hard`, `soft` or `block`; missing means hard). `shift` is inherited by walks that this starts.
    """

    dedupe_key: str = field(repr=False)
    kind: str
    candidate: str | None
    at: datetime
    enrollment: str | None = None
    send: int | None = None
    step: str | None = None
    link: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict, repr=False)
    verdict: Literal["human", "machine", "unsure"] = "human"
    evidence: Mapping[str, Any] = field(default_factory=dict, repr=False)
    shift: float = 0.0

    @property
    def moves_walks(self) -> bool:
        """Whether walks hear of it: what people did, and no bounce that may heal."""
        return self.verdict == "human" and (self.kind != "bounced" or self.detail.get("bounce", "hard") == "hard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an intake did: `deliveries` walks will hear of it, and the enrollments in `started` begin by it.

    `id` is empty where nothing is heard of the change itself. `moved` are the joining and leaving of segments that
    followed from it; in each of those, `kind` and `detail` say what is heard.
    """

    new: bool
    id: str
    deliveries: int = 0
    started: tuple[str, ...] = ()
    moved: "tuple[Taken, ...]" = ()
    kind: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
