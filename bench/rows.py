"""A row of bench/results.json, and how a script hands its rows to `bench.run`."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# The rows go through a file: servers and libraries write on standard output as they like.
ROWS = "--rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure beside what it is measured against; `at_least` and `at_most` are goals for `value / baseline`."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def holds(self) -> bool:
        """Whether the goal is met; true where there is none."""
        ratio = self.ratio
        if ratio is None:
            return self.at_least is None and self.at_most is None
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)

    def to_json(self) -> dict[str, Any]:
        """The row as results.json has it."""
        goal = f">= {self.at_least}" if self.at_least is not None else None
        goal = f"<= {self.at_most}" if self.at_most is not None else goal
        return {
            "name": self.name,
            "value": round(self.value, 2),
            "unit": self.unit,
            "baseline": None if self.baseline is None else round(self.baseline, 2),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "goal": goal,
            "holds": self.holds,
        }


def hand_over(arguments: Sequence[str], rows: Sequence[Row]) -> None:
    """Write the rows where `bench.run` looks for them, or show them to whoever runs one script alone."""
    if ROWS in arguments:
        text = json.dumps([asdict(row) for row in rows])
        Path(arguments[arguments.index(ROWS) + 1]).write_text(text, encoding="utf-8")
        return
    for row in rows:
        print(json.dumps(row.to_json()))


def median(figures: Sequence[float]) -> float:
    """The middle one: a neighbor on the machine spoils a round or two, never more than half of them."""
    return statistics.median(figures)
