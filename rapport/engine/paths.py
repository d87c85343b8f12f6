"""Every path through a plan: what was chosen, how long it takes, which mails go and how close together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TypeAlias

from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.engine.choices import Choice, choices
from rapport.engine.reach import Range, Reach, after, either, is_possible

# Nobody reads more; a plan of 40 decisions has more paths than memory has room.
MOST_PATHS = 10_000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turn:
    """A step on a path, the way that leads on from it, and when the step is reached."""

    node: Node
    choice: Choice
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One way through the plan, from enrollment to its end."""

    turns: tuple[Turn, ...]
    end: Reach

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What was chosen or happened: the step, and the choice in words."""
        return tuple((turn.node.id, turn.choice.words) for turn in self.turns if turn.choice.words)

    @property
    def mails(self) -> tuple[str, ...]:
        """The mails, in order."""
        return tuple(turn.node.action.mail for turn in self.turns if isinstance(turn.node.action, model.Send))

    @property
    def ends(self) -> str | None:
        """The reason of the stop that ends it; None at the end of the sequence."""
        return self.turns[-1].choice.ends if self.turns else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What holds for all paths together; `busiest` is the most mails within the length that was asked for.

    Dates bring no mails closer together here, so `busiest` may be more than any path really has, never less.
    """

    paths: int
    length: Range
    open: frozenset[str]
    mails: tuple[int, int]
    gaps: tuple[timedelta, ...]

    def busiest(self, span: timedelta) -> int:
        """The most mails that any path sends within less than this length of time."""
        return sum(gap < span for gap in self.gaps)


def count_paths(plan: Plan) -> int:
    """How many paths there are, without walking them; some of them may turn out to be impossible."""
    ways = [0] * len(plan.nodes)
    for node in reversed(plan.nodes):
        ways[node.index] = sum(1 if choice.to is None else ways[choice.to] for choice in choices(node))
    return ways[0] if ways else 1


def each_path(plan: Plan) -> Iterator[Path]:
    """Every possible path, in the order of the file; one at a time, so that asking for a few costs little."""
    ways_of = cache(lambda place: choices(plan.nodes[place]))
    waiting: list[tuple[int | None, _Trail, Reach]] = [(0 if plan.nodes else None, None, Reach())]
    while waiting:
        place, trail, reach = waiting.pop()
        if place is None:
            yield Path(turns=_turns(trail), end=reach)
            continue
        node = plan.nodes[place]
        ways = [choice for choice in ways_of(place) if is_possible(reach, node, choice)]
        # The last one in is looked at first.
        waiting += [(way.to, (trail, Turn(node, way, reach)), after(reach, node, way)) for way in reversed(ways)]


# Paths that begin alike share their beginning: a copy for each would take a square of the time.
_Trail: TypeAlias = "tuple[_Trail, Turn] | None"


def _turns(trail: _Trail) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    while trail is not None:
        trail, turn = trail
        turns.append(turn)
    return tuple(reversed(turns))


def busiest(path: Path, spans: Sequence[timedelta]) -> dict[timedelta, tuple[str, ...]]:
    """The most mails that can fall within less than each of these lengths of time; of equals the first ones.

    Events may come at any moment that the path allows. A mail that a window holds can still come closer to one on a
    fixed day than is said here; the contact policy then holds the later one.
    """
    longest = max(spans)
    groups = [tuple(mails_from(path, place, longest)) for place in places_of_mails(path)]
    found = {span: [tuple(_mail(node) for gap, node in group if gap < span) for group in groups] for span in spans}
    return {span: max(within, key=len, default=()) for span, within in found.items()}


def places_of_mails(path: Path) -> list[int]:
    """Where on the path mails go, as numbers of its turns."""
    return [place for place, turn in enumerate(path.turns) if isinstance(turn.node.action, model.Send)]


def mails_from(path: Path, place: int, longest: timedelta) -> Iterator[tuple[timedelta, Node]]:
    """The mail at this place and those that can follow it in less than `longest`; after which time each.

    The first goes as late, the others as early as they can.
    """
    reach = path.turns[place].reach.at_latest()
    began = reach.since.least
    for turn in path.turns[place:]:
        if isinstance(turn.node.action, model.Send):
            gap = reach.since.least - began
            if gap >= longest:
                return
            yield gap, turn.node
        elif isinstance(turn.node.action, model.Wait | model.WaitUntil | model.WaitFor):
            reach = after(reach, turn.node, turn.choice)


def _mail(node: Node) -> str:
    return node.action.mail if isinstance(node.action, model.Send) else ""


def overview(plan: Plan) -> Overview:
    """What all paths have in common, found without walking them one by one."""
    end = end_of_all(plan)
    return Overview(paths=count_paths(plan), length=end.since, open=end.open, mails=_mails(plan), gaps=least_gaps(plan))


def end_of_all(plan: Plan) -> Reach:
    """When all paths have ended; the plan's pointers lead forward only, so one pass is enough."""
    at: dict[int | None, Reach] = {0 if plan.nodes else None: Reach()}
    for node in plan.nodes:
        if node.index in at:
            for choice in choices(node):
                left = after(at[node.index], node, choice)
                at[choice.to] = either(at[choice.to], left) if choice.to in at else left
    return at[None]


def _mails(plan: Plan) -> tuple[int, int]:
    """The fewest and the most mails of any path."""
    fewest, most = [0] * len(plan.nodes), [0] * len(plan.nodes)
    for node in reversed(plan.nodes):
        own = int(isinstance(node.action, model.Send))
        ahead = [(0, 0) if choice.to is None else (fewest[choice.to], most[choice.to]) for choice in choices(node)]
        fewest[node.index] = own + min(few for few, _ in ahead)
        most[node.index] = own + max(many for _, many in ahead)
    return (fewest[0], most[0]) if plan.nodes else (0, 0)


def least_gaps(plan: Plan, *, below: timedelta = timedelta.max, most: int | None = None) -> tuple[timedelta, ...]:
    """The least time from a mail to itself, to the next one, to the one after …, over all paths.

    Only gaps below a length of time, and only so many (`most`) of them, when that is all that is asked.
    """
    ahead: list[tuple[timedelta, ...]] = [()] * len(plan.nodes)
    shortest: tuple[timedelta, ...] = ()
    for node in reversed(plan.nodes):
        best: tuple[timedelta, ...] = ()
        for choice in choices(node):
            passes = after(Reach(dates={}), node, choice).since.least
            found = (passes + gap for gap in (() if choice.to is None else ahead[choice.to]))
            best = _least(best, tuple(gap for gap in found if gap < below))
        if isinstance(node.action, model.Send):
            best = (timedelta(), *best)[:most]
            shortest = _least(shortest, best)
        ahead[node.index] = best
    return shortest


def _least(one: tuple[timedelta, ...], other: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    """Place by place the smaller; what only one of them has stays."""
    shared = min(len(one), len(other))
    return (*(min(pair) for pair in zip(one, other, strict=False)), *one[shared:], *other[shared:])
