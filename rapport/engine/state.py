"""All that a walk has to remember; small, plain, and carried through continue-as-new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.engine.happening import Happening

# A provider redelivers within minutes; 500 ids cover a person's events of years at 40 bytes each.
_REMEMBERED_IDS = 500


@dataclass(frozen=True, slots=True)
class Passed:
    """One step that the walk has left behind: when, and with what outcome (`sent`, `then`, `else`, a variant …)."""

    step: str
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class End:
    """How and when a walk ended: `end`, `goal: …`, an exit's event, a stop's reason, or an always-on end."""

    name: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class WalkState:
    """Where a walk is and what it knows; `clock` is walk time and never goes back."""

    enrollment: str
    enrolled_at: datetime
    clock: datetime
    event: str | None = None
    node: int | None = 0
    heard: list[Happening] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    sent: dict[str, datetime] = field(default_factory=dict)
    path: list[Passed] = field(default_factory=list)
    consent_until: datetime | None = None
    since: datetime | None = None
    attempts: int = 0
    paused: bool = False
    held: str | None = None
    variants: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, enrollment: str, at: datetime, *, event: str | None = None, variants: Mapping[str, str] | None = None
    ) -> "WalkState":
        """A walk that starts at `at`; `variants` forces splits, in tests only."""
        return cls(enrollment=enrollment, enrolled_at=at, clock=at, event=event, variants=dict(variants or {}))

    def remember(self, identity: str) -> bool:
        """Whether this id is new; it is known from now on."""
        if identity in self.seen:
            return False
        self.seen.append(identity)
        del self.seen[:-_REMEMBERED_IDS]
        return True

    def to_json(self) -> dict[str, Any]:
        """Plain JSON for continue-as-new and for queries."""
        return {
            "enrollment": self.enrollment,
            "enrolled_at": self.enrolled_at.isoformat(),
            "clock": self.clock.isoformat(),
            "event": self.event,
            "node": self.node,
            "heard": [happening.to_json() for happening in self.heard],
            "seen": list(self.seen),
            "sent": {step: at.isoformat() for step, at in self.sent.items()},
            "path": [[passed.step, passed.at.isoformat(), passed.outcome] for passed in self.path],
            "consent_until": self.consent_until.isoformat() if self.consent_until else None,
            "since": self.since.isoformat() if self.since else None,
            "attempts": self.attempts,
            "paused": self.paused,
            "held": self.held,
            "variants": dict(self.variants),
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> "WalkState":
        """Read what `to_json` wrote; fields that an older release did not write take their defaults."""
        return cls(
            enrollment=tree["enrollment"],
            enrolled_at=datetime.fromisoformat(tree["enrolled_at"]),
            clock=datetime.fromisoformat(tree["clock"]),
            event=tree.get("event"),
            node=tree.get("node"),
            heard=[Happening.from_json(item) for item in tree.get("heard", ())],
            seen=list(tree.get("seen", ())),
            sent={step: datetime.fromisoformat(at) for step, at in tree.get("sent", {}).items()},
            path=[Passed(step, datetime.fromisoformat(at), outcome) for step, at, outcome in tree.get("path", ())],
            consent_until=_moment(tree.get("consent_until")),
            since=_moment(tree.get("since")),
            attempts=tree.get("attempts", 0),
            paused=tree.get("paused", False),
            held=tree.get("held"),
            variants=dict(tree.get("variants", {})),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
