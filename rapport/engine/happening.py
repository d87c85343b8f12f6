"""Happenings: what a walk is told of the world, as small as it can be, and whether it is what a pattern means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rapport.dsl.events import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened; ids and words of the company's own catalog only, never a person's data.

    `detail` holds words such as pool, tag, stage, reason, type, event, form, name, sequence, as, purpose, score,
    and `until` (an ISO date) for out of office.
    """

    id: str
    kind: str
    at: datetime
    step: str | None = None
    link: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The form in signals, rows and a walk's saved state."""
        found = {"id": self.id, "kind": self.kind, "at": self.at.isoformat()}
        optional = {"step": self.step, "link": self.link, "detail": dict(self.detail)}
        return {**found, **{key: value for key, value in optional.items() if value}}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> "Happening":
        """Read what `to_json` wrote."""
        return cls(
            id=tree["id"],
            kind=tree["kind"],
            at=datetime.fromisoformat(tree["at"]),
            step=tree.get("step"),
            link=tree.get("link"),
            detail=tree.get("detail", {}),
        )


def matches(pattern: Pattern, happening: Happening, *, event: str | None) -> bool:
    """Whether the happening is what the pattern means; `event` is the id of the event that this walk is about."""
    if pattern.kind != happening.kind:
        return False
    if pattern.step is not None and pattern.step != happening.step:
        return False
    if pattern.link is not None and pattern.link != happening.link:
        return False
    if pattern.this_event and (event is None or happening.detail.get("event") != event):
        return False
    if pattern.at_least is not None and int(happening.detail.get("score", "0")) < pattern.at_least:
        return False
    return all(happening.detail.get(key) in allowed for key, allowed in pattern.where)
