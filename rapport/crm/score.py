"""What a score is worth at an instant: every change of it fades by half in each half-life, from its own time on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp2, floor, log2
from typing import Literal, Protocol

How = Literal["add", "subtract", "set"]

# Far below half a point, and far above what additions of floating point numbers leave over: a half stays a half,
# however it was added up.
_DIGITS = 9
_BELOW_A_HALF = 10**-_DIGITS


class Kept(Protocol):
    """A score as a row or a made-up person keeps it."""

    @property
    def score(self) -> int:
        """The whole number that it was at its last change."""

    @property
    def score_rest(self) -> float:
        """What rounding has left over."""

    @property
    def score_at(self) -> datetime | None:
        """When it last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the ledger."""

    how: How
    points: int
    at: datetime

    def worth(self, at: datetime, half_life: timedelta | None) -> float:
        """What is left of its points at an instant behind it."""
        share = 1.0 if half_life is None else _faded(at - self.at, half_life)
        return (-self.points if self.how == "subtract" else self.points) * share


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score as its last change left it: `exact` at `at`. Without an `at` it has not begun to fade."""

    exact: float = 0.0
    at: datetime | None = None

    @classmethod
    def of(cls, kept: Kept) -> "Score":
        """The score of a row."""
        return cls(exact=kept.score + kept.score_rest, at=kept.score_at)

    @property
    def points(self) -> int:
        """The whole number as of the last change."""
        return rounded(self.exact)

    @property
    def rest(self) -> float:
        """What rounding has left over; both together are exact."""
        return self.exact - self.points

    def worth(self, at: datetime, half_life: timedelta | None) -> float:
        """The exact value at an instant; before its last change a score is as that change left it."""
        if half_life is None or self.at is None or at <= self.at:
            return self.exact
        return self.exact * _faded(at - self.at, half_life)

    def points_at(self, at: datetime, half_life: timedelta | None) -> int:
        """The whole number that everybody sees."""
        return rounded(self.worth(at, half_life))

    def changed(self, change: Change, half_life: timedelta | None, *, later: Iterable[Change] = ()) -> "Score":
        """The score after a change; one that comes late has faded since its own time already.

        `later` are the changes from behind it that are counted already: a `set` among them leaves nothing of it, and
        where it is a `set` itself, they are what it leaves.
        """
        behind = tuple(later)
        if any(each.how == "set" for each in behind):
            return self
        latest = change.at if self.at is None else max(change.at, self.at)
        kept = sum(each.worth(latest, half_life) for each in behind)
        before = kept if change.how == "set" else self.worth(latest, half_life)
        return Score(exact=before + change.worth(latest, half_life), at=latest)

    def with_other(self, other: "Score", half_life: timedelta | None) -> "Score":
        """What both ledgers together are worth, of two people who turn out to be one."""
        times = [each.at for each in (self, other) if each.at is not None]
        if not times:
            return Score(exact=self.exact + other.exact)
        latest = max(times)
        return Score(exact=self.worth(latest, half_life) + other.worth(latest, half_life), at=latest)

    def next_crossing(self, marks: Iterable[int], after: datetime, half_life: timedelta | None) -> datetime | None:
        """When time alone next takes the whole number from one side of a mark (below it, at least it) to the other."""
        if half_life is None or self.at is None or not self.exact:
            return None
        found = [at for mark in marks if (at := self._crosses(mark, half_life)) is not None and at > after]
        return min(found, default=None)

    def _crosses(self, mark: int, half_life: timedelta) -> datetime | None:
        """The instant; None where fading towards 0 does not come by."""
        # Numbers above 0 sink below the mark, numbers below 0 rise to it.
        edge = mark - 0.5 - (_BELOW_A_HALF if self.exact > 0 else 0)
        if self.at is None or edge * self.exact <= 0 or abs(self.exact) <= abs(edge):
            return None
        step = timedelta(microseconds=1)
        try:
            at = self.at + half_life * log2(self.exact / edge) + step
            side = self.points >= mark
            while (self.points_at(at, half_life) >= mark) is side:
                at, step = at + step, 2 * step
        except OverflowError:  # beyond year 9999
            return None
        return at


def rounded(exact: float) -> int:
    """The nearest whole number; a half goes up."""
    return floor(round(exact, _DIGITS) + 0.5)


def _faded(span: timedelta, half_life: timedelta) -> float:
    return exp2(-(span / half_life))
