"""What is known of one made-up or copied person, and how happenings change it: as the store does, in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

from rapport.crm.lifecycle import stage_after
from rapport.crm.score import Change, How, Score
from rapport.engine.happening import Happening

# What news from the ATS makes of the application: its status, and its stage where the news names none.
_OUTCOME = {"rejected": "rejected", "withdrew": "withdrawn", "hired": "hired"}
_STAGE = {"applied": "applied", "hired": "hired"}
# Kinds that close an address for good.
CLOSES_ADDRESS: Final = ("bounced", "complained", "erased")

Presence: TypeAlias = Literal["add", "remove"]


@dataclass(slots=True, kw_only=True)
class Known:
    """One person; `consents` maps a purpose to when it expires (None: never); `paused_until` ends a pause of mails.

    The candidate's score is as of `score_at`; `score_rest` is what rounding has left over. `lasting` is how long
    memberships of a pool last that lapse, and `lapses` when those lapse that began here.
    """

    candidate: dict[str, Any]
    consents: dict[str, datetime | None]
    event: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    back_on: date | None = None
    paused_until: datetime | None = None
    score_rest: float = 0.0
    score_at: datetime | None = None
    lasting: Mapping[str, timedelta] = field(default_factory=dict)
    lapses: dict[str, datetime] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """The whole number as of the last change."""
        return int(self.candidate.get("score") or 0)

    def candidate_at(self, at: datetime, half_life: timedelta | None) -> dict[str, Any]:
        """The candidate's fields as they are at an instant."""
        found: dict[str, Any] = {}
        if half_life is not None and (self.score or self.score_rest):
            found["score"] = Score.of(self).points_at(at, half_life)
        if lapsed := self._lapsed(at):
            found["pools"] = [pool for pool in self.candidate.get("pools") or () if pool not in lapsed]
        return {**self.candidate, **found} if found else self.candidate

    def happen(self, happening: Happening, changes: Mapping[str, Any] | None = None) -> bool:
        """Change what follows from it; whether that is news, of which walks hear.

        `changes` are the new fields of an event that changed.
        """
        match happening.kind:
            case "event_changed" | "event_cancelled":
                self._move(happening, changes or {})
            case "out_of_office":
                self.back_on = date.fromisoformat(happening.detail["until"])
            case "unsubscribed" | "consent_withdrawn":
                purpose = happening.detail.get("purpose", "all")
                self.consents = {} if purpose == "all" else {k: v for k, v in self.consents.items() if k != purpose}
            case "tagged":
                return self.change_list("tags", "add", happening.detail["tag"])
            case "added_to_pool" | "removed_from_pool" as kind:
                how: Presence = "add" if kind == "added_to_pool" else "remove"
                return self.change_pool(how, happening.detail["pool"], happening.at)
            case "applied" | "stage_changed_to" | "rejected" | "withdrew" | "hired":
                self._apply(happening)
            case kind if kind in CLOSES_ADDRESS:
                self.consents = {}
            case kind:
                self._move_stage(kind)
        return True

    def change_pool(self, how: Presence, name: str, at: datetime) -> bool:
        """Put into a pool or take out; whether that changed anything. Who was in it until it lapsed comes in anew."""
        for pool in self._lapsed(at):
            self._leave(pool)
        if how == "remove":
            return self._leave(name)
        news = self.change_list("pools", "add", name)
        if news and name in self.lasting:
            self.lapses[name] = at + self.lasting[name]
        return news

    def change_list(self, key: str, how: str, name: str) -> bool:
        """Add to or remove from a list of the candidate; whether that changed anything."""
        values = list(self.candidate.get(key) or ())
        if (name in values) is (how == "add"):
            return False
        self.candidate[key] = [*values, name] if how == "add" else [value for value in values if value != name]
        return True

    def change_score(self, how: How, points: int, at: datetime, half_life: timedelta | None) -> int | None:
        """Change the score; the new one if it has risen."""
        known = Score.of(self)
        score = known.changed(Change(how=how, points=points, at=at), half_life)
        before, after = known.points_at(score.at or at, half_life), score.points
        self.candidate["score"], self.score_rest, self.score_at = after, score.rest, score.at
        return after if after > before else None

    def consents_at(self, at: datetime) -> dict[str, datetime | None]:
        """The purposes with valid consent."""
        return {purpose: until for purpose, until in self.consents.items() if until is None or until > at}

    def _lapsed(self, at: datetime) -> list[str]:
        return [pool for pool, until in self.lapses.items() if until <= at]

    def _leave(self, pool: str) -> bool:
        self.lapses.pop(pool, None)
        return self.change_list("pools", "remove", pool)

    def _move(self, happening: Happening, changes: Mapping[str, Any]) -> None:
        """News of another event changes nothing here."""
        if happening.detail.get("event") == self.event.get("id", ""):
            self.event.update({**changes, "cancelled": happening.kind == "event_cancelled"})

    def _apply(self, happening: Happening) -> None:
        """Bring the application up to date, and the candidate's stage with it."""
        known, kind, detail = self.application, happening.kind, happening.detail
        outcome = _OUTCOME.get(kind)
        known["status"], known["outcome"] = outcome or "active", outcome
        stage = detail.get("stage") or _STAGE.get(kind) or known.get("stage")
        if stage:
            known["stage"] = stage
        if kind == "rejected":
            known["reason"] = detail.get("reason")
            known["rejected_on"] = happening.at.date().isoformat()
        self._move_stage(kind)

    def _move_stage(self, kind: str) -> None:
        before = self.candidate.get("stage")
        after = stage_after(before, kind)
        if after != before:
            self.candidate["stage"] = after
