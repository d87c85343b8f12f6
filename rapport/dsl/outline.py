"""The steps of an authored sequence with their places, read from a tree that may still be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapport.dsl.build import VERBS
from rapport.dsl.compose import Route

_BRANCHES = ("then", "else")


@dataclass(frozen=True, slots=True)
class Placed:
    """A step and where it stands; `verb` is None when it has none that we know."""

    step: Mapping[str, Any]
    route: Route
    verb: str | None

    @property
    def id(self) -> str | None:
        """Its id, when it has one."""
        name = self.step.get("id")
        return name if isinstance(name, str) else None


def outline(steps: Any, route: Route = ("steps",)) -> Iterator[Placed]:
    """Every step in the order of the file, branches included; what is no step is passed over."""
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if isinstance(step, dict):
            place = (*route, index)
            yield Placed(step, place, _verb(step))
            for branch_route, branch in branches(step, place):
                yield from outline(branch, branch_route)


def branches(step: Mapping[str, Any], route: Route) -> Iterator[tuple[Route, Any]]:
    """The lists of steps inside a step, with their places."""
    for key in _BRANCHES:
        if key in step:
            yield (*route, key), step[key]
    split = step.get("split")
    for name, arm in split.items() if isinstance(split, dict) else ():
        if isinstance(arm, dict) and "do" in arm:
            yield (*route, "split", name, "do"), arm["do"]


def may_precede(first: Route, second: Route) -> bool:
    """Whether a walk that is at the second step may have done the first one before."""
    for one, other in zip(first, second, strict=False):
        if one != other:
            return isinstance(one, int) and isinstance(other, int) and one < other
    return len(first) < len(second)


def _verb(step: Mapping[str, Any]) -> str | None:
    return next((verb for verb in VERBS if verb in step), None)
