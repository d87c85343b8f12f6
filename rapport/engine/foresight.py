"""What can be said of all walks before anybody walks: steps that none comes to, crowded weeks, long silences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from rapport.dsl import model
from rapport.dsl.plan import Node, Plan
from rapport.dsl.project import Cap
from rapport.engine.choices import choices
from rapport.engine.paths import Path, count_paths, each_path, end_of_all, least_gaps, mails_from, places_of_mails
from rapport.engine.reach import Reach, after, either, is_possible

# Turns of all paths together: a fifth of a second. Forty steps with nine choices have as many.
_MOST_TURNS = 20_000
# More names than a message has room for.
_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Mails that can fall within one length of time, in order; the one at `too_many` is the first over the cap."""

    mails: tuple[Node, ...]
    too_many: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A mail, the next one, and the least time between them."""

    before: Node
    after: Node
    length: timedelta


def walked(plan: Plan) -> tuple[Path, ...] | None:
    """Every path; None when they are too many to look at each of them."""
    return tuple(each_path(plan)) if count_paths(plan) * len(plan.nodes) <= _MOST_TURNS else None


def steps_reached(plan: Plan) -> frozenset[str]:
    """The ids of the steps that some walk can come to; where that hangs on dates that nobody knows, it can."""
    at: dict[int | None, Reach] = {0 if plan.nodes else None: Reach()}
    for node in plan.nodes:  # pointers lead forward only, so one pass is enough
        here = at.get(node.index)
        for choice in choices(node) if here else ():
            if here and is_possible(here, node, choice):
                left = after(here, node, choice)
                at[choice.to] = either(at[choice.to], left) if choice.to in at else left
    return frozenset(node.id for node in plan.nodes if node.index in at)


def may_be_crowded(plan: Plan, cap: Cap) -> bool:
    """Whether some path might break the cap; looked up in one pass, so that it may be said of a path that fits."""
    return len(least_gaps(plan, below=cap.per.roughly(), most=cap.mails + 1)) > cap.mails


def may_be_silent(plan: Plan, longest: timedelta) -> bool:
    """Whether two mails might lie farther apart than this; looked up in one pass as well."""
    end = end_of_all(plan)
    mails = sum(isinstance(node.action, model.Send) for node in plan.nodes)
    return mails > 1 and (end.since.most > longest or bool(end.open))


def crowd(paths: Iterable[Path], cap: Cap) -> Crowd | None:
    """The most mails that can fall within the length of a cap, where they are more than it allows; None where not."""
    worst: list[Node] = []
    for path in paths:
        for place in places_of_mails(path):
            group = [node for _, node in islice(mails_from(path, place, cap.per.roughly()), cap.mails + _NAMED)]
            worst = max(worst, group, key=len)
    return Crowd(mails=tuple(worst), too_many=worst[cap.mails]) if len(worst) > cap.mails else None


def silences(paths: Iterable[Path], longest: timedelta) -> tuple[Silence, ...]:
    """Every two mails that follow each other after more than this length of time; the longest for each second mail."""
    found: dict[str, Silence] = {}
    for path in paths:
        for silence in _silences(path):
            known = found.get(silence.after.id)
            if silence.length > longest and (known is None or known.length < silence.length):
                found[silence.after.id] = silence
    return tuple(found.values())


def _silences(path: Path) -> Iterator[Silence]:
    for place in places_of_mails(path):
        pair = list(islice(mails_from(path, place, timedelta.max), 2))
        if len(pair) > 1:
            (_, before), (length, following) = pair
            yield Silence(before=before, after=following, length=length)
