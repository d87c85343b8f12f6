"""Which steps and branches of a sequence a set of walks has gone through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.engine.result import Result


@dataclass(frozen=True, slots=True)
class Spot:
    """A step, or with an `outcome` one of its branches: `then`, `else`, a variant, `due`, `late`, `ended`, `passed`."""

    step: str
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One sequence; `missed` are the spots that no walk went through, in the order of the file."""

    sequence: str
    spots: Sequence[Spot]
    missed: Sequence[Spot]

    @property
    def percent(self) -> float:
        """How much was covered; a sequence without steps is covered."""
        return 100.0 * (len(self.spots) - len(self.missed)) / len(self.spots) if self.spots else 100.0


def coverage(plan: Plan, results: Iterable[Result]) -> Coverage:
    """What these walks have covered of a sequence."""
    spots = [spot for node in plan.nodes for spot in _spots(node)]
    gone_through = {spot for result in results for spot in _covered(result)}
    return Coverage(sequence=plan.sequence, spots=spots, missed=[spot for spot in spots if spot not in gone_through])


def total_percent(coverages: Sequence[Coverage]) -> float:
    """All sequences together: every spot counts the same."""
    spots = sum(len(one.spots) for one in coverages)
    return 100.0 * (1 - sum(len(one.missed) for one in coverages) / spots) if spots else 100.0


def _spots(node: Node) -> Iterator[Spot]:
    yield Spot(node.id)
    match node.action:
        case model.If() | model.WaitFor():
            outcomes: Sequence[str] = ("then", "else")
        case model.Split():
            outcomes = list(node.variants)
        case model.WaitUntil(if_late="skip") if node.then != node.next:
            outcomes = ("due", "late")
        case model.Stop(condition=condition) if condition is not None:
            outcomes = ("ended", "passed")
        case _:
            outcomes = ()
    for outcome in outcomes:
        yield Spot(node.id, outcome)


def _covered(result: Result) -> Iterator[Spot]:
    yield from (Spot(step) for step in result.reached)
    yield from (Spot(passed.step, passed.outcome) for passed in result.path)
