"""The nesting of a plan, read back from its pointers: steps one below the other, branches side by side."""

from dataclasses import dataclass

from rapport.dsl.plan import Node, Plan
from rapport.engine.choices import Choice, choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One branch: how it is labeled, its steps, and the reason when it ends the walk instead."""

    label: str
    steps: tuple["Step", ...] = ()
    ends: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One node with its branches; `ends` is the reason when every walk that comes here stops."""

    node: Node
    arms: tuple[Arm, ...] = ()
    ends: str | None = None

    @property
    def goes_on(self) -> bool:
        """Whether any walk comes out of it below."""
        if not self.arms:
            return self.ends is None
        return any(arm.ends is None and (not arm.steps or arm.steps[-1].goes_on) for arm in self.arms)


def blocks(plan: Plan) -> tuple[Step, ...]:
    """The steps of the sequence, as the file nests them."""
    return _until(plan, 0 if plan.nodes else None, None)


def _until(plan: Plan, first: int | None, stop: int | None) -> tuple[Step, ...]:
    """The steps from `first` on, as far as the place where branches meet again."""
    steps, place = [], first
    while place is not None and place != stop:
        node = plan.nodes[place]
        steps.append(_step(plan, node))
        place = node.next
    return tuple(steps)


def _step(plan: Plan, node: Node) -> Step:
    ways = choices(node)
    if len(ways) > 1:
        return Step(node=node, arms=tuple(_arm(plan, node, way) for way in ways))
    [way] = ways
    # A wait that has `then:` and goes on when late has one way only: through its steps.
    if way.to != node.next and way.ends is None:
        return Step(node=node, arms=(_arm(plan, node, way),))
    return Step(node=node, ends=way.ends)


def _arm(plan: Plan, node: Node, way: Choice) -> Arm:
    return Arm(label=way.label, steps=() if way.ends else _until(plan, way.to, node.next), ends=way.ends)
